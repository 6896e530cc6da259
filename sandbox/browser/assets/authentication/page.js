import { listen, tell } from "../port.js";

const page = /** @type {HTMLFormElement} */ (document.getElementById("authentication"));
const choices = /** @type {HTMLFieldSetElement} */ (page.querySelector("fieldset"));
const failure = /** @type {HTMLElement} */ (document.getElementById("failure"));

/** @param {string} answer what the shopper chose: `complete` or `fail` */
async function settle(answer) {
  choices.disabled = true;
  const heard = await post(answer);
  if (heard) {
    tell("settled");
    return;
  }
  failure.textContent = "Your bank could not take the answer. Please try again.";
  choices.disabled = false;
}

/**
 * @param {string} answer
 * @returns {Promise<boolean>} whether the bank took it, or had been told before
 */
async function post(answer) {
  try {
    const response = await fetch(page.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams({ answer }),
    });
    return response.ok || response.status === 400;
  } catch {
    return false;
  }
}

if (window.parent !== window) {
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    const pressed = /** @type {HTMLButtonElement | null} */ (event.submitter);
    settle(pressed?.value ?? "fail");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      settle("fail");
    }
  });
  listen({ cancel: () => settle("fail") }, () => {
    tell("ready");
    choices.disabled = false;
    page.querySelector("button")?.focus();
  });
}
