"""`make screenshots`: pictures of every page, for README.md and docs/, of a shop that is the same in every run.

tests/test_pictures.py walks the site's addresses and asks for a picture of each page; pictured.py tells which.

What cannot be the same is what the calendar gives: days, and the charts along them. Nothing moves in a picture, no
cursor blinks, the zone is UTC, customers, goods, orders and the staff's work are those of `seed` and `staff.py`.
"""
