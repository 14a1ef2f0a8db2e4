"""The act of the prompts: what is asked, the official SDKs that ask it, and the table of what it cost."""
