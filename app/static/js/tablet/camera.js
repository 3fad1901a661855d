// The camera looks for QR codes: another tablet's, or the card on a home's wall.
import { readCodes } from "./qrread.js";

const MOST_PIXELS = 1600; // of the longer side of a picture that is read
const EVERY_LOOK_MS = 80;
const CAMERA = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } };
const WHY = { NotAllowedError: "scan_denied", SecurityError: "scan_denied", NotFoundError: "scan_none", NotReadableError: "scan_busy" };

/** What reads the codes of a video: the browser itself where it can, else our own reader on a canvas. */
async function reader() {
  const known = await window.BarcodeDetector?.getSupportedFormats().catch(() => []);
  if (known?.includes("qr_code")) {
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video).catch(() => [])).map((one) => one.rawValue);
  }
  const canvas = document.createElement("canvas");
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, MOST_PIXELS / Math.max(video.videoWidth, video.videoHeight, 1));
    [canvas.width, canvas.height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    if (!canvas.width || !canvas.height) return [];
    ink.drawImage(video, 0, 0, canvas.width, canvas.height);
    return readCodes(ink.getImageData(0, 0, canvas.width, canvas.height));
  };
}

/** Look until `take(text)` says that it has what it wanted, or the video leaves the page; resolves at once, to the name of the
 * words for what is wrong, or null when the camera runs. */
export async function watch(video, take) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: CAMERA }).catch((error) => error);
  if (stream instanceof Error) return WHY[stream.name] ?? "scan_cannot";
  const dark = () => stream.getTracks().forEach((track) => track.stop());
  video.srcObject = stream;
  await video.play();
  const codesOf = await reader();
  const look = async () => {
    if (!video.isConnected) return dark(); // another page was opened
    for (const text of await codesOf(video)) if (await take(text)) return dark();
    return setTimeout(look, EVERY_LOOK_MS);
  };
  look(); // goes on beside the page
  return null;
}
