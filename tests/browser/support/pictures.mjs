// Pictures that are handed in, and what is seen of them.

/** The file of a picture whose left half is red and whose right half is blue. */
export async function twoHalves(page) {
  const data = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: 600, height: 300 })
    const context = canvas.getContext('2d')
    context.fillStyle = 'red'
    context.fillRect(0, 0, 300, 300)
    context.fillStyle = 'blue'
    context.fillRect(300, 0, 300, 300)
    return canvas.toDataURL('image/png').split(',')[1]
  })
  return { name: 'halves.png', mimeType: 'image/png', buffer: Buffer.from(data, 'base64') }
}

/** The colour in the middle of a picture that is shown. */
export const colourOf = (image) =>
  image.evaluate(async (element) => {
    await element.decode()
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const context = canvas.getContext('2d')
    context.drawImage(element, element.naturalWidth / 2, element.naturalHeight / 2, 1, 1, 0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data]
  })

/** The bytes of a picture in one colour with another one in its corner. */
export async function picture(page, width, height, colour = 'teal', type = 'image/png') {
  const data = await page.evaluate(
    ([width, height, colour, type]) => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width, height })
      const context = canvas.getContext('2d')
      context.fillStyle = colour
      context.fillRect(0, 0, width, height)
      context.fillStyle = 'gold'
      context.fillRect(0, 0, width / 4, height / 4)
      return canvas.toDataURL(type).split(',')[1]
    },
    [width, height, colour, type],
  )
  return Buffer.from(data, 'base64')
}
