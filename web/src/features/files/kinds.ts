import { File, FileArchive, FileCode, FileImage, FileMusic, FileSpreadsheet, FileText, FileVideoCamera } from '@lucide/vue'
import type { Component } from 'vue'

const BY_TYPE: [RegExp, Component][] = [
  [/^image\//, FileImage],
  [/^video\//, FileVideoCamera],
  [/^audio\//, FileMusic],
  [/spreadsheet|excel|csv/, FileSpreadsheet],
  [/zip|compressed|x-tar|gzip|x-7z|rar/, FileArchive],
  [/json|xml|html|javascript|x-sh/, FileCode],
  [/^text\/|pdf|msword|wordprocessing|opendocument\.text|rtf/, FileText],
]

/** The icon that stands for a file of this media type. */
export const iconOf = (type: string): Component => BY_TYPE.find(([types]) => types.test(type))?.[1] ?? File
