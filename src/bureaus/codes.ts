/**
 * Code tables that more than one bureau uses, with their standards. A table that one bureau alone uses stands in that bureau's folder.
 */

/** GB/T 2261.1-2003, sex. */
export const SEX = {
  0: { en: 'unknown', zh: '未知的性别' },
  1: { en: 'male', zh: '男性' },
  2: { en: 'female', zh: '女性' },
  9: { en: 'unspecified', zh: '未说明的性别' },
} as const;

/** The two basic medical insurance schemes (社会保险法, chapter 3). */
export const SCHEME = {
  EMPLOYEE: { en: 'employees', zh: '职工基本医疗保险' },
  RESIDENT: { en: 'residents', zh: '城乡居民基本医疗保险' },
} as const;
