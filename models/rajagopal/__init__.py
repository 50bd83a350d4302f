"""The runners built from Rajagopal 2015."""
