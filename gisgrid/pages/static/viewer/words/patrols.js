/* Words of what goes on now, and the layers of patrols. */

export const zh = {
  linkConnecting: "正在连接…", linkOpen: "实时", linkPolling: "每 5 秒查询", linkElsewhere: "另一窗口实时，此处每 15 秒", linkCut: "连接中断，正在重连…", linkEnded: "登录已失效，请重新登录",
  justNow: "刚刚 {0}", newCheckIns: "{0} 打卡 +{1}", newGap: "漏巡 {0} {1}", onDutyHere: "在岗 {0} 人", roundsToday: "今日任务", noRounds: "今天没有任务", allOfThem: "全部", gapsOpen: "现有未关闭漏巡", noGaps: "没有未关闭的漏巡", answeredBy: "由{0}负责",
  roundDue: "进行中", roundUnconfirmed: "待补传", roundAhead: "未到时间", roundMissed: "漏巡", roundDone: "已完成", roundDoneLate: "迟到完成",
  checkpoints: "打卡点", pointVisited: "已到访", pointDue: "待到访", pointMissed: "漏巡", pointNone: "今日无任务", pointRadius: "打卡半径 {0} 米",
  positions: "人员位置", walker: "在岗人员", walkerSilent: "静默", walkerOld: "位置较旧", needsPurpose: "未写明用途，不显示人员的位置和轨迹。", ageNow: "刚刚", ageMinutes: "{0} 分前", ageHours: "{0} 小时前", outsideGrid: "网格之外", accuracy: "精度 ±{0} 米", isSilent: "静默：久无消息", battery: "电量 {0} %",
  missedSince: "应于 {0}", gapsShown: "{0} 个未关闭。", gapsPage: "处理漏巡", gapHere: "未关闭漏巡", gapUp: "已升级",
  suggested: "建议路线", suggestedWay: "建议路线", noSuggestion: "今天还没有建议路线。", suggestOne: "生成一条", startSign: "起", startHere: "起点", arriveIn: "出发后 {0} 到，停留 {1}", roundTakes: "{0} 分钟，{1} 处", whyGap: "有漏巡", whyRound: "有任务", whyUnseen: "久未到访",
  tracks: "轨迹回放", trackWhose: "人员", showTrack: "显示轨迹", trackPeriod: "{0} – {1} 的打卡。换时段请用上方“时段”。", trackOf: "{0}：{1} 个定位，{2} 段失联（虚线）", noTrack: "{0} 在本时段没有打卡。请核对姓名，或换一个时段。", trackTooLong: "本时段有 {0} 个定位，一次最多 {1} 个。请选短一些的时段。", trackKnown: "轨迹", trackSilent: "失联",
  replay: "回放", play: "播放", pause: "暂停", replayTime: "时间", replaySpeed: "速度",
};

export const en = {
  linkConnecting: "Connecting…", linkOpen: "Live", linkPolling: "Asked every 5 s", linkElsewhere: "Live in another window, here every 15 s", linkCut: "Cut off: connecting again…", linkEnded: "Signed out: sign in again",
  justNow: "Just now {0}", newCheckIns: "{0}: +{1} check-ins", newGap: "Missed: {0} {1}", onDutyHere: "On duty: {0}", roundsToday: "Rounds today", noRounds: "No rounds today", allOfThem: "All", gapsOpen: "Gaps open now", noGaps: "No gaps are open", answeredBy: "answered by: {0}",
  roundDue: "Due", roundUnconfirmed: "Unconfirmed", roundAhead: "Ahead", roundMissed: "Missed", roundDone: "Done", roundDoneLate: "Done late",
  checkpoints: "Checkpoints", pointVisited: "Visited", pointDue: "Due", pointMissed: "Missed", pointNone: "No round today", pointRadius: "Radius {0} m",
  positions: "Where people are", walker: "On duty", walkerSilent: "Silent", walkerOld: "Some time ago", needsPurpose: "Without a purpose no positions or tracks of people are shown.", ageNow: "just now", ageMinutes: "{0} min ago", ageHours: "{0} h ago", outsideGrid: "outside the grid", accuracy: "± {0} m", isSilent: "silent for long", battery: "battery {0} %",
  missedSince: "due {0}", gapsShown: "{0} open.", gapsPage: "Deal with them", gapHere: "Open gap", gapUp: "Gone up",
  suggested: "Suggested rounds", suggestedWay: "Suggested round", noSuggestion: "No round is suggested today yet.", suggestOne: "Suggest one", startSign: "S", startHere: "Start", arriveIn: "{0} after the start, stay {1}", roundTakes: "{0} min, {1} places", whyGap: "an open gap", whyRound: "a round is due", whyUnseen: "long unseen",
  tracks: "Tracks and replay", trackWhose: "Whose", showTrack: "Show", trackPeriod: "Check-ins of {0} – {1}. Choose another period above.", trackOf: "{0}: {1} fixes, {2} silences (dotted)", noTrack: "{0} has no check-ins in this period. Check the name, or choose another period.", trackTooLong: "{0} fixes in this period; {1} at most are shown. Choose a shorter one.", trackKnown: "Track", trackSilent: "Silence",
  replay: "Replay", play: "Play", pause: "Pause", replayTime: "Time", replaySpeed: "Speed",
};
