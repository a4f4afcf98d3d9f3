/* A text of the service, which says everything in both languages, as pages spell it; see pages/language.py. */

// in two steps, since phones of some years cannot look behind
const AFTER = /([一-鿿…》”）])([,;:?!])/g;
const BEFORE = /[,;:?!](?=[一-鿿《“（])/g;
const FULL_WIDTH = { ",": "，", ";": "；", ":": "：", "?": "？", "!": "！" };
const FIRST_WORD = /^(?!gisgrid\b)[a-z](?=[a-z']*(?:[\s,;:-]|$))/;

export function spelt({ zh, en }, language) {
  if (language === "en") return en.replace(FIRST_WORD, (letter) => letter.toUpperCase());
  return zh.replace(AFTER, (_, letter, mark) => letter + FULL_WIDTH[mark]).replace(BEFORE, (mark) => FULL_WIDTH[mark]);
}

/* "中文 / English", in the language that is read. */
export function spoken(text, language) {
  const at = text.indexOf(" / ");
  return at < 0 ? text : spelt({ zh: text.slice(0, at), en: text.slice(at + 3) }, language);
}

/* Pages of the service are in the language that was chosen last. */
export function rememberLanguage(chosen) {
  document.cookie = `gisgrid-language=${chosen}; path=/; max-age=31536000; samesite=lax`;
}
