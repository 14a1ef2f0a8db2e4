"""The act of the burst: three times what a provider allows, sent in three ways at the same time."""
