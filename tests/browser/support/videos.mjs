// Films that a browser makes itself.

/** A WebM of a colour that begins black, as bytes. */
export async function film(page, { width = 320, height = 180, colour = 'rgb(40, 160, 90)', milliseconds = 1_600 } = {}) {
  const base64 = await page.evaluate(
    async ({ width, height, colour, milliseconds }) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height })
      const context = canvas.getContext('2d')
      const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' })
      const parts = []
      recorder.ondataavailable = ({ data }) => parts.push(data)
      const ended = new Promise((resolve) => (recorder.onstop = resolve))
      const begun = performance.now()
      recorder.start()
      await new Promise((resolve) => {
        const timer = setInterval(() => {
          const elapsed = performance.now() - begun
          context.fillStyle = elapsed < milliseconds / 3 ? '#000' : colour
          context.fillRect(0, 0, width, height)
          context.fillStyle = '#fff'
          context.fillRect((elapsed / 10) % width, height / 2, 4, 4)
          if (elapsed < milliseconds) return
          clearInterval(timer)
          resolve()
        }, 40)
      })
      recorder.stop()
      await ended
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    },
    { width, height, colour, milliseconds },
  )
  return Buffer.from(base64, 'base64')
}
