import { requireThat } from "./errors.js";

const DETAILS = ["name", "email", "phone"];
const ADDRESS_LINES = ["line1", "line2", "city", "state", "country", "postal_code"];

/** @typedef {"auto" | "always" | "never" | "if_required"} Collected */
/** @typedef {Collected | {[detail: string]: Collected | {[line: string]: Collected}}} BillingFields */
/** @typedef {Record<string, any>} BillingDetails */

/**
 * How one billing detail is collected, as `fields.billingDetails` says.
 * @param {BillingFields | undefined} fields
 * @param {string} name
 * @returns {Collected | Record<string, Collected>}
 */
function collected(fields, name) {
  if (fields === undefined || typeof fields === "string") {
    return fields ?? "auto";
  }
  return fields[name] ?? "auto";
}

/**
 * @param {BillingFields | undefined} fields
 * @param {string} line of the address, such as `postal_code`
 * @returns {Collected}
 */
export function addressLineCollected(fields, line) {
  const address = collected(fields, "address");
  const option = line === "postal_code" ? "postalCode" : line;
  return typeof address === "string" ? address : (address[option] ?? "auto");
}

/**
 * What the fields were told never to ask for has to come from the page.
 * @param {string} caller
 * @param {BillingFields | undefined} fields
 * @param {BillingDetails} given
 */
export function checkBillingDetails(caller, fields, given) {
  const never = [
    ...DETAILS.filter((name) => collected(fields, name) === "never" && !(name in given)),
    ...ADDRESS_LINES.filter((line) => addressLineCollected(fields, line) === "never")
      .filter((line) => !(line in (given.address ?? {})))
      .map((line) => `address.${line}`),
  ];
  const [missing] = never;
  requireThat(
    missing === undefined,
    `You specified "never" for fields.billing_details.${missing} when creating the payment Element, but did not ` +
      `pass params.payment_method_data.billing_details.${missing} when calling ${caller}.`,
  );
}
