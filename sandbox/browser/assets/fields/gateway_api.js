/** @typedef {{document: any, error?: undefined} | {document?: undefined, error: Record<string, unknown>}} Answer */

/**
 * Write to the gateway's API, from its own origin.
 * @param {string} path
 * @param {string} publishableKey
 * @param {Record<string, unknown>} values
 * @returns {Promise<Answer>}
 */
export async function post(path, publishableKey, values) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { Authorization: `Bearer ${publishableKey}` },
      body: encode(values),
    });
    const document = await answer.json();
    return answer.ok ? { document } : { error: document.error };
  } catch {
    const message = "The payment gateway cannot be reached. Please try again.";
    return { error: { type: "api_connection_error", message } };
  }
}

/**
 * Nested values as the API takes them: `a[b][]=c`. What is null or undefined is not sent.
 * @param {Record<string, unknown>} values
 */
function encode(values) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    append(form, name, value);
  }
  return form;
}

/**
 * @param {URLSearchParams} form
 * @param {string} name
 * @param {unknown} value
 */
function append(form, name, value) {
  if (value === null || value === undefined) {
    return;
  }
  if (typeof value !== "object") {
    form.append(name, String(value));
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    append(form, Array.isArray(value) ? `${name}[]` : `${name}[${key}]`, inner);
  }
}
