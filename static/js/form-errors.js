/**
 * What a form still lacks, said before it is sent: in a summary that is read out, and beside each field.
 * @module
 */

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/**
 * Mark what is wrong, and put the focus on the first of it.
 * @param {HTMLFormElement} form
 * @returns {boolean} whether nothing is wrong
 */
export function isComplete(form) {
  const fields = [...form.elements].filter((element) => isField(element));
  fields.forEach(unmark);
  const wrong = fields.filter((field) => !field.validity.valid);
  wrong.forEach(mark);
  summarize(wrong);
  wrong[0]?.focus();
  return wrong.length === 0;
}

/**
 * @param {Element} element
 * @returns {element is Field}
 */
function isField(element) {
  return (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) && element.willValidate;
}

/** @param {Field} field */
function mark(field) {
  const error = document.createElement("p");
  error.className = "field__error";
  error.id = `${field.id}_error`;
  error.textContent = field.validationMessage;
  field.closest(".field")?.append(error);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", error.id);
}

/** @param {Field} field */
function unmark(field) {
  document.getElementById(`${field.id}_error`)?.remove();
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
}

/** @param {Field[]} wrong */
function summarize(wrong) {
  const summary = document.getElementById("error-summary");
  if (!summary) return;
  summary.querySelector("ul")?.replaceChildren(...wrong.map(entry));
  summary.hidden = wrong.length === 0;
}

/** @param {Field} field */
function entry(field) {
  const link = document.createElement("a");
  link.href = `#${field.id}`;
  link.textContent = `${field.labels?.[0]?.textContent ?? field.name}: ${field.validationMessage}`;
  const item = document.createElement("li");
  item.append(link);
  return item;
}
