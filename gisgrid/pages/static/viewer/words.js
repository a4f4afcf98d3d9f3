/* Every word of the page in both languages. A word is looked up by its key; {0}, {1} are filled in. */

import * as spelling from "../pages/spelling.js";

export { rememberLanguage } from "../pages/spelling.js";

export const WORDS = {
  "zh-CN": {
    title: "网格巡查一张图", illustrative: "示意数据，非测绘成果", map: "地图",
    level: "层级", street: "街道", community: "社区", substation: "工作分站",
    period: "时段", today: "今天", "7d": "近 7 天", "30d": "近 30 天", custom: "自选", days: "起止日期", from: "从", to: "到",
    coverage: "到达率", reached: "{0} 米估算", between: "介于 {0} 与 {1}", check_ins: "打卡", patrollers: "人员", patrols: "巡查", visits: "到访", dwell: "停留",
    covered: "到达面积", patrollable: "应巡面积", area: "总面积", name: "名称", incidents: "事件",
    notAvailable: "无数据", hint: "点选网格查看数字；Tab 键逐格移动，回车选定。",
    zoomHere: "放大到此", goDown: "看下级", of: "{0}各{1}", noIncidents: "本时段没有事件",
    loading: "正在读取…", figuresComing: "正在计算本时段的数字…", stillShown: "仍显示 {0} – {1}。", retry: "重试", failed: "读取失败：{0}", offline: "连不上服务。请检查网络，或确认服务已启动（gisgrid serve）。",
    noCheckIns: "本时段没有打卡记录。请换一个时段，或导入：gisgrid check-ins import 文件", badDays: "请填写起止日期，起日不得晚于止日。",
    start: "还没有网格", startWhy: "载入网格后，这里显示各级网格的到达率、打卡与事件。请在服务所在的电脑上运行：", files: "文件…", loaded: "已载入，刷新",
    noCell: "没有编码为 {0} 的网格，已回到全街道。", noneOfYours: "{0}一级没有您负责的网格。", notYours: "不归您负责，这里不显示数字。", foreign: "不归您负责", othersCells: "不归您负责、不显示数字的网格：{0} 个。", incidentsOfOthers: "这里的事件不归您负责，不显示。", yours: "您负责{0} {1} 个，点选查看。", noFigures: "您的角色不看到达率等数字。", few: "<{0}", signIn: "登录", definitions: "口径说明", minutes: "{0} 分", hours: "{0} 小时", outside: "网格之外打卡 {0} 次",
  },
  en: {
    title: "Grid patrol map", illustrative: "Illustrative, not survey data", map: "Map",
    level: "Level", street: "Street", community: "Communities", substation: "Substations",
    period: "Period", today: "Today", "7d": "7 days", "30d": "30 days", custom: "Custom", days: "First and last day", from: "From", to: "To",
    coverage: "Coverage", reached: "{0} m estimate", between: "between {0} and {1}", check_ins: "Check-ins", patrollers: "People", patrols: "Patrols", visits: "Visits", dwell: "Stay",
    covered: "Covered", patrollable: "Patrollable", area: "Area", name: "Name", incidents: "Incidents",
    notAvailable: "n/a", hint: "Choose a cell for its figures; Tab moves from cell to cell, Enter chooses.",
    zoomHere: "Zoom in", goDown: "Show parts", of: "{1} of {0}", noIncidents: "No incidents in this period",
    loading: "Loading…", figuresComing: "The figures of this period are being worked out…", stillShown: "Still showing {0} – {1}.", retry: "Try again", failed: "Could not load: {0}", offline: "The service does not answer. Check the network, or whether it runs (gisgrid serve).",
    noCheckIns: "No check-ins in this period. Choose another, or import some: gisgrid check-ins import FILE", badDays: "Give a first and a last day, the first not after the last.",
    start: "No grid yet", startWhy: "Once a grid is loaded, this page shows coverage, check-ins and incidents of its cells. Run this on the computer of the service:", files: "FILES…", loaded: "Loaded it: refresh",
    noCell: "There is no cell {0}; this is the whole street.", noneOfYours: "None of your cells is at this level ({0}).", notYours: "Not yours: you do not answer for this cell, so no figures are shown.", foreign: "Not yours", othersCells: "Cells that are not yours, without figures: {0}.", incidentsOfOthers: "You do not answer for incidents here, so none are shown.", yours: "You answer for {1} ({0}): choose one.", noFigures: "Coverage figures are not for your roles.", few: "<{0}", signIn: "Sign in", definitions: "Definitions", minutes: "{0} min", hours: "{0} h", outside: "{0} check-ins outside every cell",
  },
};

export const LANGUAGES = Object.keys(WORDS);
const FEWEST_TOLD = 5;
let language = LANGUAGES[0];
let isPublic = false;

export function setLanguage(chosen) {
  language = LANGUAGES.includes(chosen) ? chosen : LANGUAGES[0];
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-zh]")) node.textContent = language === "en" ? node.dataset.en : node.dataset.zh;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of document.querySelectorAll("[data-word-label]")) node.setAttribute("aria-label", word(node.dataset.wordLabel));
}

export function word(key, ...filled) {
  return WORDS[language][key].replace(/\{(\d)\}/g, (_, place) => filled[place]);
}

/* What the service says in both languages, in the one that is read. */
export function spoken(text) {
  return spelling.spoken(text, language);
}

export function spelt(told) {
  return spelling.spelt(told, language);
}

/* To the public a count that is too small to be told is null; to others one that is not known any more. */
export function count(value) {
  if (value !== null && value !== undefined) return number(value);
  return isPublic ? word("few", FEWEST_TOLD) : word("notAvailable");
}

export function speakToPublic() {
  isPublic = true;
}

export function number(value, digits = 0) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export function percent(ratio) {
  return ratio === null || ratio === undefined ? word("notAvailable") : `${number(ratio * 100, 1)} %`;
}

export function squareKilometres(metres) {
  return metres === null || metres === undefined ? word("notAvailable") : `${number(metres / 1e6, 2)} km²`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return word("notAvailable");
  return seconds < 5400 ? word("minutes", number(seconds / 60)) : word("hours", number(seconds / 3600, 1));
}
