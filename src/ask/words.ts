/** Words that carry a question, not its subject. Dropped from questions. */
export const QUESTION_WORDS = new Set(
  `a about after all also am an and another any anyone are as at be because been being between both but by can could
  describe did do does doing done each either else exactly explain find for from get gets give given go goes got had
  has have having here how i if in into is it its itself just know let like list look made make makes many may me mean
  means might more most much must my need needs no not now of off on one only or other our out over own please s say see
  should show so some something such t take tell than that the their them then there these they thing things this those
  through to too under until up upon us use used uses using very want was way we well were what whats when where whether
  which while who whom whose why will with within without would you your`.split(/\s+/),
);

/**
 * Words that are about code in general. They help a little next to better ones and mean nothing alone:
 * a question made only of these asks for an overview.
 */
export const GENERAL_WORDS = new Set(
  `app application base class code codebase file files folder function functions implementation implement implemented
  implements line lines logic method methods module modules overview package place program project purpose repo
  repository software source structure summary system work working works workspace happen happens handle handled handles
  defined define located main part parts set start started architecture organized organised`.split(/\s+/),
);

/**
 * Words of plain English that fill a question: code rarely has them, which would make them look like its rarest and most
 * telling words. They count for little, and finding them is not finding something relevant.
 */
export const FILLER_WORDS = new Set(
  `able above across actually additional again against age almost along already always amount apart appear apply applied
  applies around ask asked avoid away back bad become becomes before begin behind below beside best better big bring
  brought called can careful carry cause certain chance clearly close come comes coming common complete completely
  concerned consider correct correctly course deal depend depending despite detail details different differ directly
  during easy easily effect enough ensure entirely even ever every everybody everyone everything example exist exists
  expect extra fact far fast few finally fine first follow following former forth found four full fully further general
  generally good great half happened happening hard help hence idea important instead interesting inside keep keeps kept
  kind kinds knows known large last later least leave leaves less let lets little long longer look looks lot main mainly
  manage managed matter meant meet mind mostly move name named near nearly necessary never new next nobody none normal
  normally nothing notice number old once others otherwise particular people perform perhaps person piece place places
  plain point possible possibly present pretty previous probably problem proper properly purpose put puts question quick
  quickly quite rather real really reason regard related relevant remain respect responsible result right run runs said
  same sample saying second sense separate several short side similar simple simply since single situation small somebody
  somehow someone sometimes somewhere soon special specific still strange sure taken takes telling third though three
  time times together told took toward true try trying turn turned turns two type types understand unless used useful
  user usual usually various version visible wanted wants ways well went whatever whenever whether whole wish without
  word words world worth written wrong yes yet`.split(/\s+/),
);
