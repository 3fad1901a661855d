"""Rule files that are examples from elsewhere: nothing here is in force until a county publishes it as its own."""

from pathlib import Path

PAY_TABLE_TAOJIANG = Path(__file__).parent / "pay_table_taojiang.toml"
"""Half care 259 yuan, full care 517 yuan a month (桃江县, from 2022)."""
