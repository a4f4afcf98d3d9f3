/* Periods in local days of the service's time zone, as the API takes them: first day/last day, both included. */

const LENGTH = { today: 1, "7d": 7, "30d": 30 };

export function localDay(now, zone) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(now);
  const part = (type) => parts.find((it) => it.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

export function daysBefore(day, count) {
  return new Date(Date.parse(`${day}T00:00Z`) - count * 86400000).toISOString().slice(0, 10);
}

/* The one period that the public sees: the 30 days up to yesterday. */
export function publicPeriod(now, zone) {
  const today = localDay(now, zone);
  const [first, last] = [daysBefore(today, 30), daysBefore(today, 1)];
  return { first, last, text: `${first}/${last}` };
}

/* Return { first, last, text } of a state, or null where the chosen days are no period. */
export function periodOf(state, now, zone) {
  const today = localDay(now, zone);
  const [first, last] = state.period === "custom" ? [state.from, state.to] : [daysBefore(today, LENGTH[state.period] - 1), today];
  if (!first || !last || first > last) return null;
  return { first, last, text: `${first}/${last}` };
}
