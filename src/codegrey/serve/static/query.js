// Comfort only: every page works without it. Ctrl+Enter (or Cmd+Enter) in the query box runs the query.
document.querySelectorAll("textarea[name=query]").forEach((box) => {
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      box.form.requestSubmit();
    }
  });
});
