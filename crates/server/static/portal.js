// What the pages can do more where there is JavaScript; everything works without.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const from = document.getElementById(button.dataset.copy);
    const said = document.getElementById("announce");
    try {
      await navigator.clipboard.writeText(from.textContent);
    } catch {
      // Over plain http there is no clipboard: the text is selected, for the person to copy.
      getSelection().selectAllChildren(from);
      return;
    }
    const word = button.querySelector("span");
    const before = word.textContent;
    said.textContent = word.textContent = document.body.dataset.copied;
    button.classList.add("copied");
    setTimeout(() => {
      word.textContent = before;
      said.textContent = "";
      button.classList.remove("copied");
    }, 2000);
  });
}

// "/" leads to the search of the page, as elsewhere on the web.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("input[type=search]");
  if (event.key === "/" && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});

// Language and appearance apply as soon as they are chosen.
for (const select of document.querySelectorAll(".foot select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
for (const button of document.querySelectorAll(".foot button")) {
  button.hidden = true;
}
