/**
 * District codes of GB/T 2260: two digits province, two prefecture, two county. Codes are retired and reissued as districts merge, but old
 * people keep the numbers they were given, so no table of counties is complete. What can be checked for ever is the province: a code whose
 * county or prefecture is unknown falls back to it, and only an unknown province makes a code impossible.
 */
const PROVINCES: Readonly<Record<string, string>> = {
  11: '北京',
  12: '天津',
  13: '河北',
  14: '山西',
  15: '内蒙古',
  21: '辽宁',
  22: '吉林',
  23: '黑龙江',
  31: '上海',
  32: '江苏',
  33: '浙江',
  34: '安徽',
  35: '福建',
  36: '江西',
  37: '山东',
  41: '河南',
  42: '湖北',
  43: '湖南',
  44: '广东',
  45: '广西',
  46: '海南',
  50: '重庆',
  51: '四川',
  52: '贵州',
  53: '云南',
  54: '西藏',
  61: '陕西',
  62: '甘肃',
  63: '青海',
  64: '宁夏',
  65: '新疆',
  71: '台湾',
  81: '香港',
  82: '澳门',
  83: '台湾',
};

/** The province of a six-digit code, in Chinese; undefined when GB/T 2260 never gave that province a number. */
export function provinceOf(districtCode: string): string | undefined {
  return PROVINCES[districtCode.slice(0, 2)];
}

/** Whether the text is a six-digit code of an existing province; retired county codes pass (see above). */
export function isDistrictCode(text: string): boolean {
  return /^\d{6}$/.test(text) && provinceOf(text) !== undefined;
}
