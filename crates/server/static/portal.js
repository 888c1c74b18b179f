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

// The guide: when the server has news of the directory, what it shows is fetched again and put in place. A secret that was just
// shown stays, because only these parts are replaced.
async function follow(live) {
  let seen = live.dataset.seen;
  for (;;) {
    try {
      const news = await fetch(`${live.dataset.live}/changes?seen=${seen}`, { credentials: "same-origin", redirect: "error" });
      if (news.status === 200) {
        const page = await fetch(live.dataset.live, { credentials: "same-origin", redirect: "error" });
        const next = new DOMParser().parseFromString(await page.text(), "text/html");
        seen = next.getElementById("live").dataset.seen;
        for (const id of ["live-now", "live-steps"]) {
          const [old, fresh] = [document.getElementById(id), next.getElementById(id)];
          if (old.innerHTML !== fresh.innerHTML) {
            old.replaceChildren(...fresh.childNodes);
          }
        }
      } else if (news.status !== 204) {
        return;
      }
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

const live = document.getElementById("live");
if (live) {
  follow(live);
}

// A change of rules that is being applied to many people: how far it has come, until it is done.
async function count(progress) {
  while (progress) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    try {
      const page = await fetch(progress.dataset.progress, { credentials: "same-origin", redirect: "error" });
      const next = new DOMParser().parseFromString(await page.text(), "text/html").getElementById("progress");
      if (next) {
        progress.replaceChildren(...next.childNodes);
      } else if (page.ok) {
        progress.remove();
        return;
      }
    } catch {
      // It is asked again.
    }
  }
}
count(document.getElementById("progress"));
