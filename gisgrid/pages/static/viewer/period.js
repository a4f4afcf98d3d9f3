/* Periods in local days of the service's time zone, as the API takes them: first day/last day, both included. */

const LONGEST_COMPARED = 400; // days

const calendars = new Map(); // to make one takes longer than all else here
let known = null; // { day, zone, from, to }, times in ms: the day on which the page was made

/* What the service says of its day, so that no calendar is needed for it. */
export function setToday(told) {
  known = told;
}

export function localDay(now, zone) {
  if (known && now >= known.from && now < known.to && zone === known.zone) return known.day;
  if (!calendars.has(zone)) calendars.set(zone, new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }));
  const parts = calendars.get(zone).formatToParts(now);
  const part = (type) => parts.find((it) => it.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

export function daysBefore(day, count) {
  return new Date(Date.parse(`${day}T00:00Z`) - count * 86400000).toISOString().slice(0, 10);
}

const firstOfMonth = (day) => `${day.slice(0, 7)}-01`;

const DAYS = {
  today: (today) => [today, today],
  yesterday: (today) => [daysBefore(today, 1), daysBefore(today, 1)],
  "7d": (today) => [daysBefore(today, 6), today],
  "30d": (today) => [daysBefore(today, 29), today],
  month: (today) => [firstOfMonth(today), today],
  lastMonth: (today) => {
    const last = daysBefore(firstOfMonth(today), 1);
    return [firstOfMonth(last), last];
  },
};

/* The one period that the public sees: the 30 days up to yesterday. */
export function publicPeriod(now, zone) {
  const today = localDay(now, zone);
  return between(daysBefore(today, 30), daysBefore(today, 1));
}

/* Return { first, last, text } of a state, or null where the chosen days are no period. */
export function periodOf(state, now, zone) {
  const [first, last] = state.period === "custom" ? [state.from, state.to] : DAYS[state.period](localDay(now, zone));
  return first && last && first <= last ? between(first, last) : null;
}

/* `isLong`: so long that there is nothing to be learnt from as long a period before. */
function between(first, last) {
  const days = (Date.parse(last) - Date.parse(first)) / 86400000;
  return { first, last, text: `${first}/${last}`, isLong: days > LONGEST_COMPARED };
}
