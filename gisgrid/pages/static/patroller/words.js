/* Every word that the scripts of the page say, in both languages; {0}, {1} are filled in. What stands on the page from
   the first has both languages in its markup. */

import * as spelling from "../pages/spelling.js";

export { rememberLanguage } from "../pages/spelling.js";

export const WORDS = {
  "zh-CN": {
    title: "巡查打卡", checkIn: "打卡", measuring: "正在定位…", metres: "±{0} 米", takeNow: "就用 ±{0} 米", kept: "已记下，正在发送",
    keptOffline: "已记下，有网络时自动发出",
    noPosition: "30 秒内没有得到定位。请到开阔处再试。", barred: "浏览器不允许定位。请在浏览器的网站设置里允许“位置信息”，再打开本页。",
    noSensor: "这台设备给不出定位。",
    onDuty: "{0} 在岗", signOn: "签到上岗", another: "换人", since: "自 {0}", nobody: "无人在岗", offDuty: "不在班次内",
    phone: "共用手机 {0}", account: "本人账号 {0}", unknownSender: "尚未登录",
    whoever: "现在打卡也会记下，{0} 小时内补签到即计入。", awaits: "{0} 条定位不在任何班次内，请补签到。",
    foreignWaiting: "另有 {0} 条待发的属于本机的其他使用者，等其登录后发出。",
    online: "在线", offline: "离线", waitingCount: "{0} 条待发", allSent: "全部发出",
    insecure: "这个网址是 http://，手机不会给出定位，也不能登录和离线使用。请改用 https:// 开头的网址（向管理员索取）。",
    signInAgain: "服务器不再认得本机，{0} 条记录留在手机里等着。请重新登录。", signIn: "登录本人账号", enrol: "登记为共用手机",
    signInFirst: "请先登录，或把这台手机登记为共用手机。",
    notAllowed: "此账号没有巡查角色，不能打卡；请联系管理员。",
    notKept: "手机存不下记录：{0}。页面关掉就会丢失！请别关页面，等发出，或现在就交成文件。", full: "存储空间已满", broken: "存储出错",
    busy: "服务器忙，稍后自动再发。", noAnswer: "连不上服务器，稍后自动再发。",
    tracking: "正在记录轨迹：{0} 点", trackPaused: "页面不在眼前，轨迹已停", trackConsent: "志愿者须先同意，才会记录轨迹。",
    trackAtSignOn: "在共用手机上，请重新签到并勾选同意。",
    waiting: "待发送", handedIn: "已交成文件，仍会自动发送", counted: "已计入", notAtCheckpoint: "已收到：位置计入，打卡点不算",
    withheld: "已收到，班次之外，暂不计入；补签到后计入", quarantined: "已收到，待工作人员核查，暂不计入", evidence: "已收到，留作事件证据",
    outside: "网格之外", received: "已收到", refused: "未收下", conflict: "未收下，编号冲突",
    fix: "打卡", track: "轨迹点", incident: "事件", photo: "照片", alarm: "紧急呼救", ofCase: "案件 {0}",
    photoUnread: "有照片读不出来，没有保存；请重新选择照片再上报", dismiss: "知道了，删去", noEntries: "本班还没有记录。",
    checkpoint: "打卡点 {0}：{1}",
    sosNotYet: "服务器还没有收到！有网络时自动发出。请立即打 110 或站点电话。", sosReceived: "服务器已于 {0} 收到。",
    sosAcknowledged: "{0} 已于 {1} 确认。", sosUnanswered: "还没有人确认；情况紧急请打 110。",
    sosRefused: "呼救未被收下：{0}。请立即打 110。", sosNoPlace: "尚无定位。", sosPlaced: "已附定位 ±{0} 米。",
    sosTooShort: "没有按满 2 秒，未呼救",
    rounds: "今天的巡查", checkpoints: "打卡点", noRounds: "今天没有安排给您的巡查。", noCheckpoints: "您的网格内没有打卡点。",
    ahead: "未到时间", due: "该去了", done: "已完成", done_late: "迟到完成", unconfirmed: "待补传", missed: "漏巡", away: "相距 {0} 米",
    anywhere: "在网格内任意处打卡即可", awayKm: "相距 {0} 公里", within: "须在 {0} 米内", stay: "停留 {0} 分钟", needsCode: "须输入打卡码",
    doneAt: "完成于 {0}", keptFrom: "离线，{0} 的数据", illustrative: "示意数据，非测绘成果。",
    noGround: "还没有地图数据；联网后打开一次即可离线使用。",
    choose: "请选择", reportNoPlace: "还没有定位，请稍候", reportPlaced: "位置 ±{0} 米", noKinds: "还没有事件类别；联网后打开一次即可。",
    suggest: "建议下一轮（{0} 分钟）", suggestAgain: "重新建议（{0} 分钟）", noSuggestion: "还没有建议路线。",
    suggestedSum: "共 {0} 处，约 {1} 分钟（{2} 生成，当天有效）。", byWays: "步行时间按道路计算。", straight: "步行时间按直线 × {0} 估算。",
    unseenGround: "久未巡到的地块（{0} 格）", why_gap: "漏巡", why_round: "今日应巡", why_unseen: "久未巡到", walkMin: "步行 {0} 分钟",
    arriveMin: "第 {0} 分钟到",
    noTasks: "没有派给您的事件，也没有您上报的未结事件。", toHandle: "待您办理", reportedByYou: "您上报的", dueAt: "限 {0} 前",
    handedFile: "已存成文件 {0}，请交给分站。记录仍留在手机里，有网络时照常发出，不会重复。", nothingToHand: "没有待发的打卡。",
    scanFailed: "打不开摄像头，请手工输入。", needNetwork: "签到签退需要网络；没有网络时打卡照常记下，之后补签到即可。",
    leaveWaiting: "还有 {0} 条没有发出。退出后它们留在手机里，只有您再次登录才会发出。确定退出吗？",
  },
  en: {
    title: "Patrol", checkIn: "Check in", measuring: "Finding position…", metres: "±{0} m", takeNow: "Take ±{0} m",
    kept: "Noted, being sent", keptOffline: "Noted; it goes out when there is a network",
    noPosition: "No position within 30 seconds. Try again under open sky.",
    barred: "The browser gives no position. Allow “location” for this site in its settings, then open this page again.",
    noSensor: "This device gives no position.",
    onDuty: "{0} is on duty", signOn: "Sign on", another: "Hand over", since: "since {0}", nobody: "Nobody is on duty",
    offDuty: "Not on a shift", phone: "Shared phone {0}", account: "Account of {0}", unknownSender: "Not signed in",
    whoever: "Check-ins are noted even now, and count if somebody signs on late within {0} hours.",
    awaits: "Fixes in no shift: {0}. Sign on late for them.",
    foreignWaiting: "{0} more wait that belong to another user of this phone; they go out once that one is signed in.",
    online: "Online", offline: "Offline", waitingCount: "{0} to send", allSent: "All sent",
    insecure: "This address is http://: phones give it no position, and there is no sign-in and no offline use. Use the address that begins with https:// (ask an administrator).",
    signInAgain: "The server does not know this phone any more; {0} records wait in it. Sign in again.", signIn: "Sign in to my account",
    enrol: "Enrol as a shared phone", signInFirst: "Sign in first, or enrol this phone as a shared one.",
    notAllowed: "This account has no role that walks, so it cannot check in; ask an administrator.",
    notKept: "The phone cannot keep records: {0}. They are lost if this page is closed! Leave it open until they are sent, or hand them in as a file now.",
    full: "its storage is full", broken: "its storage fails", busy: "The server is busy; sending again by itself shortly.",
    noAnswer: "The server cannot be reached; sending again by itself shortly.",
    tracking: "Recording the way: {0} points", trackPaused: "Paused while this page is out of sight",
    trackConsent: "Volunteers are tracked only if they agree.", trackAtSignOn: "On a shared phone, sign on again and tick the box.",
    waiting: "Waiting", handedIn: "Handed in as a file; still sent by itself", counted: "Counts",
    notAtCheckpoint: "Received: the place counts, the checkpoint does not",
    withheld: "Received, outside a shift: counts after a late sign-on",
    quarantined: "Received; staff look at it, until then it does not count", evidence: "Received, kept as evidence",
    outside: "outside the grid", received: "Received", refused: "Not taken", conflict: "Not taken: its number is another's",
    fix: "Check-in", track: "Track point", incident: "Incident", photo: "Photo", alarm: "Call for help", ofCase: "Case {0}",
    photoUnread: "A photo could not be read and nothing was kept: choose the photos again", dismiss: "Understood, delete",
    noEntries: "Nothing on this shift yet.", checkpoint: "Checkpoint {0}: {1}",
    sosNotYet: "The server has NOT received it yet! It goes out when there is a network. Ring 110 or your station now.",
    sosReceived: "The server received it at {0}.", sosAcknowledged: "{0} acknowledged it at {1}.",
    sosUnanswered: "Nobody has acknowledged it yet; if it is urgent ring 110.", sosRefused: "The call was not taken: {0}. Ring 110 now.",
    sosNoPlace: "No position yet.", sosPlaced: "Position ±{0} m is attached.", sosTooShort: "Not held for 2 seconds: no call was made",
    rounds: "Today's rounds", checkpoints: "Checkpoints", noRounds: "No round is planned for you today.",
    noCheckpoints: "There is no checkpoint in your cells.", ahead: "Later", due: "Due now", done: "Done", done_late: "Done late",
    unconfirmed: "Not sent yet", missed: "Missed", away: "{0} m away", anywhere: "check in anywhere in the cell", awayKm: "{0} km away",
    within: "be within {0} m", stay: "stay {0} min", needsCode: "its code is needed", doneAt: "done at {0}", keptFrom: "Offline: as of {0}",
    illustrative: "Illustrative, not survey data.", noGround: "No map yet: open this page once with a network, then it works without.",
    choose: "Choose…", reportNoPlace: "No position yet, please wait", reportPlaced: "Position ±{0} m",
    noKinds: "No kinds of incident yet: open this page once with a network.",
    suggest: "Suggest a round ({0} min)", suggestAgain: "Suggest another ({0} min)", noSuggestion: "No round is suggested yet.",
    suggestedSum: "{0} places, about {1} min (made at {2}, good for today).", byWays: "Walking follows the ways.",
    straight: "Walking is reckoned straight × {0}.", unseenGround: "ground long unseen ({0} squares)", why_gap: "gap",
    why_round: "due today", why_unseen: "long unseen", walkMin: "walk {0} min", arriveMin: "there at minute {0}",
    noTasks: "Nothing is dispatched to you, and nothing you reported is open.", toHandle: "Yours to see to",
    reportedByYou: "Reported by you", dueAt: "due by {0}",
    handedFile: "Saved as {0}: give it to the station. The records stay in the phone and are sent as usual; nothing counts twice.",
    nothingToHand: "No check-in waits to be sent.",
    scanFailed: "The camera cannot be opened; type the code instead.",
    needNetwork: "Signing on and off needs a network. Without one check-ins are noted as usual: sign on late for them.",
    leaveWaiting: "{0} are not sent yet. They stay in this phone and go out only when you sign in again. Sign out?",
  },
};

const { timezone } = document.body.dataset; // where a day begins
let language = document.documentElement.lang === "en" ? "en" : "zh-CN";

export function readLanguage() {
  return language;
}

/* The language of the cookie: the page may have been kept from a time when another was chosen. */
export function chosenLanguage() {
  return /(?:^|; )gisgrid-language=(en|zh-CN)/.exec(document.cookie)?.[1] ?? language;
}

export function setLanguage(chosen) {
  language = chosen === "en" ? "en" : "zh-CN";
  document.documentElement.lang = language;
  document.title = word("title");
  for (const node of document.querySelectorAll("[data-zh]")) node.textContent = language === "en" ? node.dataset.en : node.dataset.zh;
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

/* The day of a time here, as 2026-11-01. */
export function dayOf(moment) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: timezone }).format(moment);
}

/* A time of day here; of another day with its date. */
export function clock(moment) {
  return timeOf(moment, { second: "2-digit" });
}

export function clockToTheMinute(moment) {
  return timeOf(moment, {});
}

function timeOf(moment, more) {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return String(moment); // one odd entry must not hide the others
  const date = dayOf(at) === dayOf(new Date()) ? {} : { month: "numeric", day: "numeric" };
  return new Intl.DateTimeFormat(language, { timeZone: timezone, hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...more, ...date }).format(at);
}
