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

// Pages that listen: when the server has news of the directory, the page is fetched again and its parts are put in place. A secret that
// was just shown stays, because only those parts are replaced.
const live = document.getElementById("live");

function put(part, fresh) {
  if (part.innerHTML === fresh.innerHTML) {
    return;
  }
  if (!("keyed" in part.dataset)) {
    part.replaceChildren(...fresh.childNodes);
    return;
  }
  // Of a list only what is new is added, so that nobody is read the rest again.
  const wanted = new Set([...fresh.children].map((item) => item.id));
  for (const item of [...part.children]) {
    if (!wanted.has(item.id)) {
      item.remove();
    }
  }
  for (const item of [...fresh.children].reverse()) {
    if (!document.getElementById(item.id)) {
      part.prepend(item);
    }
  }
}

async function look() {
  const answer = await fetch(live.dataset.own, { credentials: "same-origin", redirect: "error" });
  if (!answer.ok) {
    return;
  }
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = next.getElementById(part.id);
    if (fresh) {
      put(part, fresh);
    }
  }
}

if (live) {
  const lost = document.getElementById("lost");
  let [busy, again, paused] = [false, false, false];
  // Many requests at once are one look; the next one waits a moment.
  const news = async () => {
    again = true;
    if (busy || paused) {
      return;
    }
    busy = true;
    while (again && !paused) {
      again = false;
      try {
        await look();
      } catch {
        lost.hidden = false;
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    busy = false;
  };
  const source = new EventSource(`${live.dataset.live}?after=${live.dataset.after}&seen=${live.dataset.seen}`);
  source.addEventListener("news", news);
  source.addEventListener("open", () => {
    lost.hidden = true;
  });
  source.addEventListener("error", () => {
    lost.hidden = source.readyState === EventSource.CLOSED;
    if (source.readyState === EventSource.CLOSED) {
      // There are no places left for pages that listen: this one asks from time to time.
      setInterval(news, 5000);
    }
  });
  for (const button of document.querySelectorAll("button[data-pause]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      paused = !paused;
      button.setAttribute("aria-pressed", String(paused));
      if (!paused) {
        news();
      }
    });
  }
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
