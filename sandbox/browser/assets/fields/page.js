import { listen, tell } from "../port.js";
import { dress } from "./appearance.js";
import { CardForm } from "./card_form.js";
import { confirm } from "./confirmation.js";
import { createConfirmationToken } from "./confirmation_token.js";

const page = /** @type {HTMLFormElement} */ (document.getElementById("fields"));
const form = new CardForm();
let started = false;
let lastState = "";

/** @param {import("./card_form.js").Presentation} presentation */
function start(presentation) {
  dress(presentation.appearance);
  document.documentElement.lang = presentation.locale === "auto" ? "en" : presentation.locale;
  form.present(presentation);
  page.hidden = false;
  if (!started) {
    started = true;
    new ResizeObserver(() => tell("resize", { height: document.body.offsetHeight })).observe(document.body);
    tell("ready");
  }
}

function tellChange() {
  const { empty, complete } = form;
  const state = `${empty} ${complete}`;
  const changed = state !== lastState;
  lastState = state;
  if (changed) {
    tell("change", { empty, complete, collapsed: false, value: { type: "card" } });
  }
}

/** Only moves into and out of the whole frame are news to the page. */
function tellFocus() {
  page.addEventListener("focusin", (event) => event.relatedTarget ?? tell("focus"));
  page.addEventListener("focusout", (event) => event.relatedTarget ?? tell("blur"));
  page.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      tell("escape");
    }
  });
}

function clear() {
  form.clear();
  tellChange();
}

/** @param {{field: string}} where */
function focus({ field }) {
  const wanted = field === "first problem" ? form.firstWrong : null;
  (wanted ?? form.number).input.focus();
}

page.addEventListener("submit", (event) => event.preventDefault());
page.addEventListener("input", tellChange);
page.addEventListener("change", tellChange);
tellFocus();
listen({
  start,
  clear,
  focus,
  blur: () => /** @type {HTMLElement | null} */ (document.activeElement)?.blur(),
  validate: () => form.validate(),
  tokenize: (wish) => createConfirmationToken(form, wish),
  confirm: (wish) => confirm(form, wish),
});
