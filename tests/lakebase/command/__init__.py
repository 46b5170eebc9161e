"""`manage.py lakebase`: what people read, what programs read, and one sentence for every failure."""
