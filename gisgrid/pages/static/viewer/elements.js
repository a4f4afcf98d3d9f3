/* Elements made from data: texts become text nodes, never markup; and what waits until they are painted. */

export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const nextFrame = () => new Promise((come) => requestAnimationFrame(come));

/* What is to be done once what was drawn is painted: however often it is asked for meanwhile, once. */
export function afterPaint(act) {
  let isWaiting = false;
  return async () => {
    if (isWaiting) return;
    isWaiting = true;
    await nextFrame();
    setTimeout(() => {
      isWaiting = false;
      act();
    });
  };
}
