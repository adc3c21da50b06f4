"""The shapes and words of which identifiers are forged: those of training, and those that training never sees.

Names and places that Faker lacks stand here too; ``#`` is a figure and ``?`` a capital.
"""

from __future__ import annotations


def listed(text: str) -> tuple[str, ...]:
    """The items of a list that is written with bars between them.

    >>> listed("a | b c")
    ('a', 'b c')
    """
    return tuple(item.strip() for item in text.split("|"))


TRAINING_LOCALES = (
    ("en_US", 10), ("en_GB", 3), ("es_ES", 2), ("es_MX", 2), ("de_DE", 1), ("fr_FR", 1), ("it_IT", 1),
    ("pl_PL", 1), ("pt_BR", 1), ("nl_NL", 1), ("tr_TR", 1), ("sv_SE", 1), ("vi_VN", 1), ("en_IN", 3),
    ("ro_RO", 1), ("hr_HR", 1), ("en_PK", 1), ("zu_ZA", 1), ("yo_NG", 1),
)  # fmt: skip
HELD_LOCALES = (
    ("en_US", 5), ("en_IE", 2), ("en_NZ", 2), ("en_KE", 2), ("en_NG", 1), ("cs_CZ", 1), ("fi_FI", 1),
    ("hu_HU", 1), ("da_DK", 1), ("no_NO", 1), ("fr_CA", 2), ("id_ID", 1), ("pt_PT", 1), ("de_CH", 1),
    ("et_EE", 1),
)  # fmt: skip
"""Faker's locales, and how often each is drawn."""

DATES = listed("""
    %m/%d/%Y | %m/%d/%Y | %m/%d/%y | %-m/%-d/%Y | %-m/%-d/%y | %m-%d-%Y | %m-%d-%y | %Y-%m-%d | %d.%m.%Y |
    %d/%m/%Y | %B %-d, %Y | %B %-d, %Y | %b %-d, %Y | %b. %-d, %Y | %-d %B %Y | %d %b %Y | %d-%b-%Y | %d-%b-%y |
    %A, %B %-d, %Y | %B %-dth, %Y | %-dth of %B %Y | %B %-dth | %B %-d | %b %-d | %-m/%-d | %m/%d | %B %Y | %b %Y |
    %m/%Y | %B of %Y | %-d %b | %a %-d %b %Y | %Y%m%d | the %-dth of %B
""")
HELD_DATES = listed("""
    %m/%d/%Y | %-m/%-d/%y | %B %-d, %Y | %Y/%m/%d | %d %B, %Y | %b-%d-%Y | %A %-d %B %Y | %B %-dth %Y |
    %-d.%-m.%y | %d-%m-%Y | %-dth %B | %b %-dth, '%y | %a %m/%d/%Y | %B, %Y | %-m-%-d-%y | %m.%d.%Y | %Y-%b-%d |
    %B %-d
""")
HOSPITALS = listed("""
    {last} Memorial Hospital | {city} General Hospital | St. {saint} Medical Center |
    {city} Regional Medical Center | {last} Clinic | University of {city} Hospital | {last} Children's Hospital |
    {city} Community Hospital | {last} & {other} Orthopedic Associates | {city} VA Medical Center |
    Saint {saint}'s Hospital | {last} Cancer Institute | {city} Family Practice | {last} Nursing Home |
    {city} Urgent Care | Our Lady of {city} Hospital | {city} Heart Center | {last} Rehabilitation Center |
    {city} Medical Center
""")
HELD_HOSPITALS = listed("""
    {last} Infirmary | {city} District Hospital | {city} University Medical Center | {last} Surgical Center |
    Mount {last} Hospital | {city} Health System | {last} Foundation Hospital | {city} Women's Hospital |
    {last} Diagnostic Imaging | {last} Memorial Hospital | {city} Eye Institute | {last} House Hospice |
    St. {saint} Hospital | {city} Pediatrics
""")
IDS = listed("""
    ####### | ######## | ###### | ########## | ?####### | ??###### | ##-##-## | ###-##-### | A######## | #####-# |
    ######-###
""")
ACCESSIONS = listed("""
    ACC###### | ??-##-##### | ##-###### | S##-#### | 20##-####### | ??####-## | CT###### | ##:?#####
""")
HELD_IDS = listed("""
    ######### | ?##-#### | ###-####-## | ??####?? | #### #### | ?######? | M-######
""")
HELD_ACCESSIONS = listed("""
    R##-##### | ##??##### | ???-####-#### | ######.## | US#######
""")
PHONES = listed("""
    (###) ###-#### | ###-###-#### | ### ### #### | ###.###.#### | +1 ### ### #### | 1-###-###-#### |
    0## #### #### | +44 #### ###### | ###-#### | (###) ###-#### ext. ## | +49 ### ####### | ##########
""")
HELD_PHONES = listed("""
    (###)###-#### | ###-###-#### x### | +353 ## ### #### | 0### ###### | ###/###-#### | +1-###-###-#### | ### ####
""")
TOWNS = listed("""
    Boston | Chicago | Houston | Phoenix | Denver | Seattle | Portland | Dallas | Austin | Memphis | Nashville |
    Baltimore | Detroit | Cleveland | Tampa | Orlando | Oakland | Sacramento | Fresno | Tucson | Omaha | Tulsa |
    Wichita | Buffalo | Albany | Richmond | Norfolk | Raleigh | Durham | Mobile | Little Rock | Baton Rouge |
    Salt Lake City | St. Louis | Kansas City | Fort Worth | El Paso | Santa Fe | Ann Arbor | Grand Rapids |
    London | Leeds | Bristol | Glasgow | Toronto | Mumbai | Manila | Lagos | Paris | Berlin
""")
HELD_TOWNS = listed("""
    Atlanta | Miami | Philadelphia | Pittsburgh | Milwaukee | San Jose | Long Beach | Spokane | Boise |
    Des Moines | Toledo | Charlotte | Savannah | Dublin | Cork | Liverpool | Vancouver | Nairobi | Madrid |
    Warsaw | New Haven
""")
LASTS = listed("""
    Nguyen | Tran | Zhang | Wang | Li | Chen | Liu | Kim | Park | Lee | Choi | Patel | Shah | Khan | Ahmed |
    Hassan | Ali | Al-Farsi | Haddad | Cohen | Levy | Ivanov | Petrova | Sokolov | Tanaka | Sato | Suzuki |
    O'Brien | McDonald | St. John | de la Cruz | van der Berg | Okafor | Mbeki | Singh | Kaur | Reddy | Santos |
    Reyes | Cruz
""")
FIRSTS = listed("""
    Wei | Na | Min-jun | Ji-woo | Mohammed | Fatima | Omar | Layla | Priya | Arjun | Olga | Dmitri | Yuki |
    Hiroshi | Chinedu | Ngozi | Bobby | Liz | Sammy | Jo | Katie | Nate | Beth | Tommy | Peggy | Juan Carlos |
    Mary Ann | Xiao
""")
HELD_LASTS = listed("""
    Pham | Huang | Zhou | Yoon | Mehta | Rahman | Abdi | El-Sayed | Goldberg | Volkov | Yamamoto | O'Connor |
    MacLeod | von Braun | Adeyemi | Banerjee | Ramos | D'Angelo
""")
HELD_FIRSTS = listed("""
    Jing | Hyun | Ibrahim | Amina | Deepak | Svetlana | Kenji | Kofi | Becky | Chuck | Ana Maria | Sean | Siobhan
""")
EPONYMS = listed("""
    Crohn's disease | Foley catheter | Parkinson disease | Alzheimer's dementia | Babinski sign |
    Kerrison rongeur | Penrose drain | Murphy's sign | Romberg test | Hodgkin lymphoma | Bovie cautery |
    Metzenbaum scissors | Jackson-Pratt drain | Colles fracture | Barrett's esophagus | Graves disease |
    Hashimoto thyroiditis | Swan-Ganz catheter | Glasgow Coma Scale | Trendelenburg position | Lachman test |
    McBurney point | Kocher clamp | Allis clamps | Mayo scissors | Steri-Strips | Raynaud phenomenon | Bell palsy |
    Huntington chorea | Cushing syndrome | Down syndrome | Marfan habitus | Wilson disease | Epstein-Barr virus |
    Doppler signal | Gram stain | Papanicolaou smear | Gleason grade | Clark level | Apgar scores | Baker cyst |
    Dupuytren contracture | Meckel scan
""")
HELD_EPONYMS = listed("""
    Addison disease | Tinel sign | Phalen's test | Weitlaner retractor | Hickman catheter | Wharton duct |
    Sjogren syndrome | Kaposi sarcoma | Heimlich valve | Charcot joint | Paget disease | Ludwig angina |
    Whipple procedure | Roux-en-Y bypass | Tessio catheter | Hartmann pouch | Virchow node | Ewing sarcoma |
    Mallory-Weiss tear | Jones fracture | Breslow depth
""")
DRUGS = listed("""
    Lasix | Coumadin | Lipitor | Versed | Zoloft | Plavix | Keflex | Synthroid | Flagyl | Ativan | Celexa |
    Norvasc | Toprol-XL | Humalog | Singulair | Advair Diskus | Percocet | Vicodin | Bactrim DS | Levaquin |
    Nexium | Depakote | Cymbalta
""")
DOSES = listed("5 mg | 10 mg b.i.d. | 81 mg daily | 0.5 mL | 40 mEq | 1,000 units | 2 tabs")
RELATIVES = listed("wife | husband | mother | son | daughter | sister | father | brother | neighbor | niece")
SERIALS = listed("??###### | ######### | ??-####-## | ?##?##### | SN######")
