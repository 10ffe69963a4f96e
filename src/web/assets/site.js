// What a script adds to pages that work without one: counts while one types, saving while one
// types, and parts of a page that show how far something is.
"use strict";

const mark = document.body.dataset.mark || "";
const typedKey = (path) => `typed:${mark}:${path}`;
const storedKey = typedKey(location.pathname);

/* What people typed into a form, without what the page itself put there. */
const typed = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf");
const words = (fields) => JSON.stringify(fields.filter(([name]) => name !== "seen" && name !== "once"));
/* A page's form as the server shows it now; null where there is none. */
async function standing(path) {
  try {
    const answer = await fetch(path, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return answer.ok && !answer.redirected ? page.querySelector("form[data-autosave]") : null;
  } catch { return null; }
}

/* Going back shows what is, not what was: browsers may bring back a page that they were told not to keep.
   A form that came back with its faults stays, since loading it again would send it again. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted && mark && !document.querySelector("[data-refused]")) location.reload();
});

/* A fault is what a page that comes back is about. */
document.querySelector(".faults")?.focus();

/* Counts, said to screen readers only when one stops typing. */
for (const area of document.querySelectorAll("textarea[data-most]")) {
  const count = document.getElementById(`${area.id}-count`);
  const most = Number(area.dataset.most);
  const inWords = area.dataset.unit === "words";
  const show = () => {
    const used = inWords ? (area.value.match(/\S+/g) || []).length : [...area.value].length;
    const left = most - used;
    const unit = (inWords ? "word" : "character") + (Math.abs(left) === 1 ? "" : "s");
    count.textContent = left < 0
      ? `${(-left).toLocaleString("en-GB")} ${unit} too many`
      : `${left.toLocaleString("en-GB")} ${unit} left`;
    count.classList.toggle("over-it", left < 0);
  };
  area.addEventListener("input", show);
  show();
}

/* Weights add up while one types. */
for (const total of document.querySelectorAll("[data-total]")) {
  const wanted = Number(total.dataset.total);
  const fields = total.form ?? total.closest("form");
  fields?.addEventListener("input", (event) => {
    if (!("weight" in event.target.dataset)) return;
    const sum = [...fields.querySelectorAll("[data-weight]")].reduce((sum, one) => sum + (Number(one.value) || 0), 0);
    const off = sum < wanted ? `: ${wanted - sum} more to give` : sum > wanted ? `: ${sum - wanted} too many` : "";
    total.textContent = `The weights total ${sum} of ${wanted}${off}.`;
    total.classList.toggle("over-it", sum !== wanted);
  });
}

/* A file is read into the field that takes its text: as UTF-8, or else as spreadsheets on Windows save it. */
function textOf(bytes) {
  try { return new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { return new TextDecoder("windows-1252").decode(bytes); }
}
for (const reads of document.querySelectorAll("[data-reads]")) {
  const into = document.getElementById(reads.dataset.reads);
  reads.hidden = false;
  const wrong = Object.assign(document.createElement("p"), { className: "wrong" });
  wrong.setAttribute("role", "alert");
  reads.append(wrong);
  reads.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const text = textOf(await file.arrayBuffer());
    const isTable = !text.includes("\0");
    wrong.textContent = isTable ? "" : `${file.name} is not a table in text. Save it as CSV in the program that made it, and choose that file.`;
    if (isTable) into.value = text;
  });
}

/* Signing out forgets what was typed, in every tab. */
const signedOut = "BroadcastChannel" in window ? new BroadcastChannel("signed-out") : null;
signedOut?.addEventListener("message", () => sessionStorage.clear());
for (const form of document.querySelectorAll("form[data-forget]")) {
  form.addEventListener("submit", () => { sessionStorage.clear(); signedOut?.postMessage(mark); });
}

/* What was sent has arrived when the page that it led to has come up without a fault. */
const isLedTo = performance.getEntriesByType("navigation")[0]?.type === "navigate" && document.referrer;
if (mark && isLedTo && !document.querySelector("[data-refused]")) {
  const sentKey = `typed:${mark}:${new URL(document.referrer).pathname}`;
  if (JSON.parse(sessionStorage.getItem(sentKey) || "null")?.sent) sessionStorage.removeItem(sentKey);
}

/* A button whose act takes long says so at once, and its form goes once. */
for (const button of document.querySelectorAll("button[data-busy]")) {
  const said = Object.assign(document.createElement("p"), { className: "saved" });
  said.setAttribute("role", "status");
  button.closest(".buttons").after(said);
  button.form.addEventListener("submit", (event) => {
    if (button.form.dataset.sent) return event.preventDefault();
    if (event.submitter !== button) return;
    button.form.dataset.sent = "yes";
    button.setAttribute("aria-disabled", "true");
    said.textContent = button.dataset.busy;
  });
}

/* Saving while one types. Until the server has it, the text is kept in this tab too, with the texts that were sent and
   whose arrival nobody heard of: where one of those is what the server has, nobody else has changed it. */
function keepSaving(form) {
  const status = document.getElementById(form.dataset.autosave);
  let waiting = 0, saving = false, changed = false, left = false, goOn = null, unheard = [];
  const say = (words, link) => {
    status.textContent = words;
    if (link) { status.append(" ", Object.assign(document.createElement("a"), link)); }
  };
  const keep = (sent) => sessionStorage.setItem(storedKey, JSON.stringify({ sent, unheard, kept: typed(form) }));
  const again = (after) => { clearTimeout(waiting); waiting = setTimeout(save, after); };
  /* Whether what the server has came from here; if so, the next text may take its place. */
  const isOurs = (now) => {
    if (!now || ![...unheard, words(typed(form))].includes(words(typed(now)))) return false;
    form.elements.seen.value = now.elements.seen.value;
    return true;
  };

  async function save() {
    if (saving || left) return;
    saving = true; changed = false;
    unheard = [...unheard.slice(-4), words(typed(form))];
    keep(false);
    let answer = null, told = {}, isMended = false;
    try {
      answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" },
        keepalive: true, signal: AbortSignal.timeout(15000),
      });
      told = await answer.json();
    } catch { /* said below: there was no answer */ }
    if (answer?.ok) { form.elements.seen.value = told.seen; unheard = []; }
    if (answer?.status === 412) {
      unheard = unheard.slice(0, -1);
      isMended = isOurs(await standing(location.href));
    }
    saving = false;
    if (goOn) return goOn();
    if (answer?.ok) {
      if (changed) { keep(false); return again(1500); }
      sessionStorage.removeItem(storedKey);
      say(told.told);
    } else if (answer?.status === 401 || answer?.status === 403) {
      const back = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
      say("You are signed out. What you typed is kept in this tab.", { href: back, textContent: "Sign in to save it" });
    } else if (isMended) {
      again(100);
    } else if (answer?.status === 412) {
      say("It was changed in another tab or window, or by somebody else. Press a button below to see both.");
    } else if (answer && answer.status < 500) {
      say(`Not saved: ${(told.errors?.[0]?.detail) || told.detail}`);
    } else {
      say("Not saved yet: the service cannot be reached. Trying again.");
      again(5000);
    }
  }
  form.addEventListener("input", () => { changed = true; keep(false); say("Not saved yet"); again(1500); });
  form.addEventListener("submit", (event) => {
    left = true; clearTimeout(waiting);
    if (saving) {
      // What is on its way would otherwise look like somebody else's change.
      const button = event.submitter;
      event.preventDefault();
      goOn = () => form.requestSubmit(button);
    }
    keep(true);
  });
  window.addEventListener("pagehide", () => { if (changed && !left) save(); });

  if (!mark) return;
  // A form that has come back is what there is to keep, until it is sent again.
  if (document.querySelector("[data-refused]")) return keep(false);
  const stored = JSON.parse(sessionStorage.getItem(storedKey) || "null");
  if (!stored) return;
  const here = words(typed(form));
  if (words(stored.kept) === here) return sessionStorage.removeItem(storedKey);
  unheard = stored.unheard || [];
  const ours = unheard.includes(here);
  for (const box of form.querySelectorAll("input[type=checkbox]")) {
    box.checked = stored.kept.some(([name, value]) => name === box.name && value === box.value);
  }
  for (const [name, value] of stored.kept) {
    const field = form.elements[name];
    if (!field || field.type === "checkbox" || (field instanceof RadioNodeList && field[0].type === "checkbox")) continue;
    if (field.type !== "hidden" || (name === "seen" && !ours)) field.value = value;
    if (field instanceof HTMLTextAreaElement) field.dispatchEvent(new Event("input"));
  }
  say("What you typed before is back. Saving it.");
  again(100);
}
for (const form of document.querySelectorAll("form[data-autosave]")) keepSaving(form);

/* Before something is submitted: what this tab still holds of its parts and the server has not got. */
for (const notice of document.querySelectorAll("[data-unsaved]")) {
  const start = typedKey(notice.dataset.unsaved);
  const paths = Object.keys(sessionStorage).filter((key) => mark && key.startsWith(start)).map((key) => key.slice(typedKey("").length));
  for (const path of paths) {
    standing(path).then((form) => {
      const kept = JSON.parse(sessionStorage.getItem(typedKey(path)) || "null")?.kept;
      if (!kept) return;
      if (form && words(typed(form)) === words(kept)) return sessionStorage.removeItem(typedKey(path));
      const link = Object.assign(document.createElement("a"), { href: path, textContent: "Go back to it" });
      notice.append(Object.assign(document.createElement("p"), { textContent: "Something that you typed is not saved, and is not part of this. " }));
      notice.lastChild.append(link);
      notice.hidden = false;
    });
  }
}

/* A part of the page that is asked for anew, again and again, while something is under way. A page that nobody
   looks at or touches asks no more, so that it keeps no one signed in. */
let touched = Date.now();
for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
for (const part of document.querySelectorAll("[data-live]")) {
  const again = (after) => setTimeout(ask, Number(after));
  const ask = async () => {
    const isWatched = document.visibilityState === "visible" && Date.now() - touched < 15 * 60 * 1000;
    if (!isWatched) return again(10000);
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(part.id);
      if (!answer.ok || !fresh) return;
      if (!part.contains(document.activeElement)) {
        for (const one of part.querySelectorAll("details[open][id]")) fresh.querySelector(`#${one.id}`)?.setAttribute("open", "");
        part.replaceChildren(...fresh.childNodes);
      }
      if (fresh.dataset.live) again(fresh.dataset.live);
    } catch { again(10000); }
  };
  again(part.dataset.live);
}
