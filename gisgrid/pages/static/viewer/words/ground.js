/* Words of own layers and the search. */

export const zh = {
  ownLayers: "自有图层", zoomInFor: "{0}：放大后显示。",
  search: "查找", searchHint: "网格、地址、人员、案号", searchEmpty: "没有找到“{0}”。请减少字数，或换一个说法。",
  searchMore: "还有更多，请写得更具体。", searchFound: "找到 {0} 项。",
  cellsFound: "网格", placesFound: "地点", peopleFound: "人员", incidentsFound: "事件", placeOf: "所在：{0}",
};

export const en = {
  ownLayers: "Own layers", zoomInFor: "{0}: zoom in to see it.",
  search: "Search", searchHint: "Cell, address, person, case no.", searchEmpty: "Nothing found for “{0}”. Try fewer or other words.",
  searchMore: "There are more: be more precise.", searchFound: "{0} found.",
  cellsFound: "Cells", placesFound: "Places", peopleFound: "People", incidentsFound: "Incidents", placeOf: "In {0}",
};
