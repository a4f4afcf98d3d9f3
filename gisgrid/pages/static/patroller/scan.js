/* Reading a code with the camera, where the browser can; typing it always works. */

const LOOK_MS = 250;

export async function canScan() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return false;
  return (await BarcodeDetector.getSupportedFormats().catch(() => [])).includes("qr_code");
}

/* Show the camera in a dialog until it sees a code. Resolves with the code, or "" when the dialog is closed; throws where
   there is no camera. */
export async function scan(dialog) {
  const video = dialog.querySelector("video");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  dialog.showModal();
  await video.play();
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  try {
    while (dialog.open) {
      const [found] = await detector.detect(video).catch(() => []);
      if (found) return codeOf(found.rawValue);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return "";
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    dialog.close();
  }
}

/* A code stands alone, or behind the # of an address that opens this page. */
export function codeOf(text) {
  const at = text.indexOf("#");
  return (at < 0 ? text : text.slice(at + 1)).trim();
}
