"""The quarter as arithmetic: points of the scorecard, money of the contracts, postings of the ledger. Pure."""
