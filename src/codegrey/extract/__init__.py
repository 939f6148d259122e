"""From the words of one article to claims that carry them."""
