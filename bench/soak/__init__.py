"""Lakebase Local under hours of ordinary and extraordinary use: is every acknowledged row there, and does it leak?"""
