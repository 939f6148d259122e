"""The LLM extractor, an option (``codegrey[llm]``): any OpenAI-compatible endpoint, by base URL and model.

    load_llm(settings, http) ──► LlmExtractor: Article ──► Report
    merge_reports(patterns, llm) ──► Report

A claim survives only if its quote stands verbatim in the article and its terms exist; nothing is asked of the network
unless the user gives an address. See docs/decisions/llm-quotes.md.
"""

from codegrey.extract.llm.extractor import LlmExtractor, load_llm
from codegrey.extract.llm.merge import merge_reports
from codegrey.extract.llm.settings import LlmSettings

__all__ = ["LlmExtractor", "LlmSettings", "load_llm", "merge_reports"]
