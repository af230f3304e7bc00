/**
 * 皖宁市, a prefecture that is not: prefecture 97 was never given out in any province (GB/T 2260), so no number made here can be anybody's,
 * and every number passes as one of Anhui.
 */
export interface District {
  code: string;
  name: string;
  rural: boolean;
}

export const PREFECTURE: { code: string; name: string } = { code: '349700', name: '皖宁市' };

export const DISTRICTS: readonly District[] = [
  { code: '349702', name: '望淮区', rural: false },
  { code: '349703', name: '青桐区', rural: false },
  { code: '349704', name: '东圩区', rural: false },
  { code: '349711', name: '郊野区', rural: true },
  { code: '349721', name: '云岭县', rural: true },
  { code: '349722', name: '石涧县', rural: true },
  { code: '349723', name: '白湖县', rural: true },
  { code: '349724', name: '凤溪县', rural: true },
  { code: '349781', name: '桐溪市', rural: true },
];

/** Where people who moved here were first registered: as invented, in other provinces. */
export const BIRTHPLACES_ELSEWHERE: readonly string[] = [
  '419724',
  '329721',
  '519723',
  '369722',
  '659701',
  '549726',
  '339705',
];

export const STREETS: readonly string[] = [
  '淮滨路',
  '青石街',
  '人民路',
  '东门大街',
  '学府路',
  '云溪巷',
  '迎宾大道',
  '柳荫路',
  '工人新村',
  '涂山路',
];

export const VILLAGES: readonly string[] = [
  '大圩镇新河村',
  '柳集镇前楼村',
  '石门乡红旗村',
  '双桥镇枣林村',
  '白塔镇王嘴村',
  '茶庵乡高岗村',
  '龙窝镇沈巷村',
];
