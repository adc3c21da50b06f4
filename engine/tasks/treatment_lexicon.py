"""The treatments that are looked for in plans: drug classes and procedures, with the words that count for each.

Written from general medical knowledge (generic names, common brand names of the United States, usual abbreviations); a
word that is not here is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.case import Stretch


@dataclass(frozen=True)
class Treatment:
    """A drug class or a procedure.

    Parameters
    ----------
    name : str
        As it is shown.
    drug : bool
        False for a procedure.
    words : str
        Alternatives of a regular expression for whole words in any case, separated by ``|`` or by a line.
    """

    name: str
    drug: bool
    words: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches any of its words."""
        alternatives = "|".join(line.strip() for line in self.words.strip().splitlines())
        return re.compile(rf"\b(?:{alternatives})\b", re.IGNORECASE)

    def mentions(self, text: str, start: int = 0, end: int | None = None) -> Iterator[Stretch]:
        """Yield where a part of a text names it."""
        for match in self.pattern.finditer(text, start, len(text) if end is None else end):
            yield Stretch(match.start(), match.end())


_DRUGS = {
    "ACE inhibitor or ARB": r"""
        \w{3,}pril|\w+sartan|ace inhibitors?|arbs?|zestril|prinivil|vasotec|altace|lotensin|accupril|cozaar
        diovan|benicar|hyzaar|avapro|micardis|zestoretic|atacand
    """,
    "acetaminophen": r"""
        acetaminophen|tylenol|paracetamol
    """,
    "acid suppression": r"""
        \w+prazole|omeprazole|prilosec|prevacid|protonix|nexium|aciphex|pepcid|zantac|\w+tidine|ppi
        proton[- ]pump inhibitors?|h2 blockers?|sucralfate|carafate|antacids?|maalox
    """,
    "antiarrhythmic or digoxin": r"""
        digoxin|lanoxin|amiodarone|cordarone|sotalol|flecainide|propafenone|dofetilide|antiarrhythmics?
    """,
    "anticoagulant": r"""
        warfarin|coumadin|heparin|enoxaparin|lovenox|fondaparinux|arixtra|rivaroxaban|apixaban|dabigatran
        argatroban|anticoagulants?|anticoagulation|anticoagulated|dalteparin|fragmin
    """,
    "anticonvulsant": r"""
        phenytoin|dilantin|keppra|levetiracetam|valproate|valproic acid|depakote|lamotrigine|lamictal
        carbamazepine|tegretol|topiramate|topamax|gabapentin|neurontin|pregabalin|lyrica|phenobarbital
        oxcarbazepine|trileptal|zonisamide|zonegran|anticonvulsants?|antiepileptics?
    """,
    "antidepressant": r"""
        fluoxetine|prozac|sertraline|zoloft|paroxetine|paxil|citalopram|celexa|escitalopram|lexapro|venlafaxine
        effexor|duloxetine|cymbalta|bupropion|wellbutrin|mirtazapine|remeron|trazodone|desyrel|amitriptyline
        elavil|nortriptyline|pamelor|doxepin|imipramine|ssris?|antidepressants?
    """,
    "antiemetic": r"""
        ondansetron|zofran|promethazine|phenergan|metoclopramide|reglan|prochlorperazine|compazine|antiemetics?
        trimethobenzamide|tigan|anzemet|kytril
    """,
    "antihistamine or decongestant": r"""
        diphenhydramine|benadryl|loratadine|claritin|cetirizine|zyrtec|fexofenadine|allegra|hydroxyzine|atarax
        vistaril|chlorpheniramine|pseudoephedrine|sudafed|antihistamines?|decongestants?|clarinex|guaifenesin
        mucinex|singulair|montelukast|astelin
    """,
    "antiplatelet": r"""
        aspirin|asa|ecotrin|clopidogrel|plavix|prasugrel|ticagrelor|aggrenox|dipyridamole
        antiplatelet(?: therapy| agents?)?|ticlopidine|integrilin
    """,
    "antipsychotic or lithium": r"""
        haloperidol|haldol|risperidone|risperdal|olanzapine|zyprexa|quetiapine|seroquel|aripiprazole|abilify
        ziprasidone|geodon|clozapine|clozaril|lithium|antipsychotics?
    """,
    "antiviral or antifungal": r"""
        \w*cyclovir|valtrex|zovirax|oseltamivir|tamiflu|fluconazole|diflucan|nystatin|ketoconazole|clotrimazole
        terbinafine|lamisil|lotrimin|antivirals?|antifungals?|antiretrovirals?|haart|zidovudine|truvada
        itraconazole|voriconazole|amphotericin
    """,
    "benzodiazepine or sleep aid": r"""
        \w+zepam|valium|ativan|klonopin|restoril|alprazolam|xanax|zolpidem|ambien|midazolam|versed|lunesta
        sonata|benzodiazepines?|chlordiazepoxide|librium
    """,
    "beta-blocker": r"""
        (?!sotalol)\w+olol|lopressor|toprol(?:[- ]xl)?|tenormin|coreg|carvedilol|inderal|beta[- ]?blockers?
        beta[- ]?blockade|ziac|bystolic|labetalol
    """,
    "bronchodilator or inhaler": r"""
        albuterol|proventil|ventolin|xopenex|levalbuterol|ipratropium|atrovent|combivent|duonebs?|spiriva
        tiotropium|advair|salmeterol|serevent|symbicort|nebulizers?|nebulized|bronchodilators?|inhalers?|flovent
        pulmicort|theophylline
    """,
    "calcium channel blocker": r"""
        \w+dipine|norvasc|diltiazem|cardizem|verapamil|calan|procardia|adalat|calcium[- ]channel blockers?
        lotrel|caduet|tiazac
    """,
    "cephalosporin": r"""
        cef\w+|ceph\w+xin|keflex|rocephin|ancef|kefzol|omnicef|ceftin|cephalosporins?|duricef|maxipime|suprax
        cefzil
    """,
    "chemotherapy or radiotherapy": r"""
        chemotherapy|chemo|cisplatin|carboplatin|paclitaxel|taxol|docetaxel|taxotere|doxorubicin|adriamycin
        cyclophosphamide|cytoxan|vincristine|rituximab|rituxan|gemcitabine|gemzar|5-fu|fluorouracil|methotrexate
        oxaliplatin|folfox|bevacizumab|avastin|tamoxifen|herceptin|xeloda|capecitabine|etoposide|radiotherapy
        radiation(?: therapy| treatments?| oncolog\w+)?|imrt|brachytherapy|xrt|external beam|cyberknife
        gamma knife|seed implant\w*
    """,
    "corticosteroid": r"""
        \w*prednis\w+|dexamethasone|decadron|hydrocortisone|methylprednisolone|medrol|solu[- ]?medrol
        solu[- ]?cortef|triamcinolone|kenalog|depo[- ]?medrol|betamethasone|celestone|steroids?|corticosteroids?
        fluticasone|flonase|nasonex|budesonide|nasacort|cortisone
    """,
    "diuretic": r"""
        furosemide|lasix|hydrochlorothiazide|hctz|bumetanide|bumex|torsemide|demadex|spironolactone|aldactone
        chlorthalidone|metolazone|zaroxolyn|triamterene|dyazide|maxzide|mannitol|diuretics?|diuresis
    """,
    "fluoroquinolone": r"""
        \w+floxacin|cipro|levaquin|avelox|quinolones?|fluoroquinolones?|vigamox|floxin
    """,
    "glucose-lowering tablet": r"""
        metformin|glucophage|glyburide|glipizide|glucotrol|glimepiride|amaryl|actos|pioglitazone|avandia
        rosiglitazone|januvia|sitagliptin|sulfonylureas?|byetta|exenatide|avandamet
    """,
    "insulin": r"""
        insulin(?! resistan|[- ]dependent)|lantus|humalog|novolog|nph|humulin|novolin|levemir|sliding[- ]scale
        glargine|lispro
    """,
    "intravenous fluids": r"""
        (?:iv|intravenous|i\.v\.) (?:fluids?|hydration)|normal saline|lactated ringer'?s?|hydration|rehydration
        fluid resuscitation
    """,
    "laxative": r"""
        docusate|colace|senna|senokot|miralax|bisacodyl|dulcolax|milk of magnesia|lactulose|metamucil
        stool softeners?|laxatives?|magnesium citrate|peri[- ]?colace|enemas?|golytely|citrucel|fiber
    """,
    "lipid-lowering drug": r"""
        (?!nystatin)\w{3,}(?<!cila)(?<!pento)statins?|statins?|lipitor|zocor|crestor|pravachol|zetia|ezetimibe
        vytorin|tricor|fenofibrate|gemfibrozil|lopid|niacin|niaspan|lescol|mevacor
    """,
    "macrolide or tetracycline": r"""
        \w+thromycin|zithromax|z-?pak|biaxin|doxycycline|tetracycline|minocycline|macrolides?
    """,
    "muscle relaxant": r"""
        cyclobenzaprine|flexeril|methocarbamol|robaxin|carisoprodol|soma|baclofen|tizanidine|zanaflex|skelaxin
        metaxalone|muscle relaxants?|botox|botulinum
    """,
    "nitrate or vasodilator": r"""
        nitroglycerin|nitro|nitrates?|isosorbide|imdur|isordil|hydralazine|clonidine|catapres|nitrostat
        nitropaste
    """,
    "NSAID": r"""
        ibuprofen|motrin|advil|naproxen|naprosyn|aleve|anaprox|ketorolac|toradol|celecoxib|celebrex|meloxicam
        mobic|diclofenac|voltaren|indomethacin|indocin|etodolac|lodine|nabumetone|relafen|nsaids?
        (?:nonsteroidal )?anti-?inflammator(?:y|ies)(?: medications?| drugs?)?|bextra|vioxx|daypro|feldene
    """,
    "opioid": r"""
        morphine|oxycodone|oxycontin|percocet|percodan|hydrocodone|vicodin|lortab|norco|lorcet|codeine
        hydromorphone|dilaudid|fentanyl|duragesic|meperidine|demerol|methadone|tramadol|ultram|ultracet|darvocet
        propoxyphene|roxicet|roxicodone|opioids?|opiates?|narcotics?|ms contin|pca|tylox|suboxone|darvon
    """,
    "other antibiotic": r"""
        vancomycin|metronidazole|flagyl|clindamycin|cleocin|gentamicin|tobramycin|bactrim|trimethoprim
        sulfamethoxazole|septra|nitrofurantoin|macrobid|macrodantin|linezolid|zyvox|imipenem|primaxin|meropenem
        bacitracin|neosporin|mupirocin|bactroban|silvadene|rifampin|isoniazid|polysporin|aztreonam|antibiotics?
        antimicrobials?|iv antibiotics
    """,
    "penicillin": r"""
        \w*cillin(?:[- ]clavulan\w+)?|augmentin|unasyn|zosyn|penicillins?|pen[- ]?vk
    """,
    "sex hormone or contraceptive": r"""
        estrogens?|premarin|estradiol|progesterone|provera|depo[- ]?provera|birth control pills?
        oral contraceptives?|contraception|prempro|testosterone|medroxyprogesterone|lupron|hormone replacement
        iud|ortho[- ]?\w+
    """,
    "thyroid hormone": r"""
        levothyroxine|synthroid|levoxyl|armour thyroid|thyroid (?:hormone|replacement)|liothyronine|cytomel
        levothroid
    """,
    "vitamins and minerals": r"""
        vitamins?(?: [a-z]\d*)?|multivitamins?|folic acid|folate|ferrous|iron|calcium(?! channel)
        potassium(?: chloride)?|k-?dur|kcl|magnesium oxide|thiamine|niferex|fosamax|actonel|cyanocobalamin|b-?12
        b12|zinc|bisphosphonates?|boniva|supplements?
    """,
}

_PROCEDURES = {
    "abdominal or hernia surgery": r"""
        (?:exploratory )?laparotom\w+|laparoscop\w+|appendectom\w+|colectom\w+|colostom\w+|bowel resection
        small bowel|lysis of adhesions|nissen\w*|gastric bypass|splenectom\w+|nephrectom\w+|pancreat\w*ectom\w+
        prostatectom\w+|cholecystectom\w+|cholangiogra\w+|ercp|hernia repair|hernior+haph\w+|hernioplast\w+
        repair of (?:\w+ ){0,4}hernia
    """,
    "arthroscopy": r"""
        arthroscop\w+|menisc(?:ectomy|al repair)|rotator cuff repair|acl reconstruction
        subacromial decompression
    """,
    "biopsy": r"""
        biops(?:y|ies|ied)|fine[- ]needle aspirat\w+|fna
    """,
    "breast surgery": r"""
        mastectom\w+|lumpectom\w+|sentinel (?:lymph )?node|mammoplasty
        breast (?:reduction|augmentation|reconstruction)
    """,
    "bronchoscopy or thoracic procedure": r"""
        bronchoscop\w+|thoracotom\w+|thoracentes[ei]s|chest tubes?|thoracoscop\w+|tube thoracostomy|lobectom\w+
        pleurodesis|vats
    """,
    "cast, splint or brace": r"""
        casts?(?:ed|ing)?|splints?(?:ed|ing)?|brac(?:e|es|ing)|slings?|orthotics?|orthosis|orthoses|crutches
        walking boot|immobilizers?|cam (?:walker|boot)
    """,
    "cesarean or delivery": r"""
        c(?:a)?esarean(?: section| delivery)?|c-section|vaginal delivery|induction of labor|pitocin|oxytocin
        episiotomy|tubal ligation|bilateral tubal|vacuum delivery
    """,
    "colonoscopy": r"""
        colonoscop\w+|sigmoidoscop\w+|polypectom\w+
    """,
    "coronary angiography or intervention": r"""
        (?:cardiac|heart) catheterization|left heart cath\w*
        coronary (?:angiogra\w+|arteriogra\w+|intervention|stent\w*|angioplasty)|angioplasty|pci|ptca
        cardiac cath|ventriculogra\w+
    """,
    "cystoscopy or ureteral procedure": r"""
        cystoscop\w+|cystourethroscop\w+|ureteroscop\w+|lithotrips\w+|eswl|(?:ureteral|double-?j|jj) stents?
        turp|turbt|retrograde pyelogra\w+|transurethral resection|foley(?: catheter)?
    """,
    "dental extraction": r"""
        extractions?(?: of)? (?:\w+ ){0,3}(?:teeth|tooth)|odontectom\w+
        (?:teeth|tooth|dental|molar) extractions?|removal of (?:\w+ ){0,4}(?:teeth|tooth)|alveoloplasty
    """,
    "dialysis or venous access": r"""
        h(?:a)?emodialysis|dialysis|av (?:fistula|graft)|arteriovenous (?:fistula|graft)|port-?a-?cath\w*
        infusaport|mediport|picc(?: line)?|central (?:venous )?(?:line|catheter|access)|hickman|triple[- ]lumen
        quinton catheter|(?:subclavian|jugular)(?: \w+){0,3} catheter|venous access
    """,
    "drainage or debridement": r"""
        debrid\w+|incision and drainage|i ?(?:&|and) ?d|irrigat\w+|abscess drainage
        drainage of (?:\w+ ){0,3}abscess|washout|evacuation of (?:\w+ ){0,3}hematoma
    """,
    "ear, nose or throat surgery": r"""
        septoplast\w+|turbin\w+|ethmoidectom\w+|antrostom\w+|sinus surgery|rhinoplast\w+|sinusotom\w+
        tonsillectom\w+|adenoidectom\w+|t ?(?:&|and) ?a|tympanostom\w+|myringotom\w+|tympanoplast\w+|pe tubes?
        mastoidectom\w+|ear tubes?|nasal polypectomy|laryngoscop\w+|uvulopalat\w+|neck dissection
        thyroidectom\w+|parotidectom\w+|frenulectomy
    """,
    "excision of a lesion": r"""
        excis\w+|mohs|wide local excision|shave removal|curettage of
        removal of (?:\w+ ){0,3}(?:lesion|mass|cyst|lipoma)|skin graft\w*|cryotherapy|liquid nitrogen
    """,
    "eye surgery": r"""
        phacoemulsification|cataract (?:extraction|surgery|removal)|intraocular lens|vitrectom\w+
        trabeculectom\w+|\w*blepharoplast\w+|strabismus surgery|recession of .{0,30} rectus
        retinal detachment repair|scleral buckle|corneal transplant
    """,
    "fracture fixation": r"""
        orif|open reduction(?: and internal fixation)?|closed reduction|internal fixation|percutaneous pinning
        intramedullary (?:rod\w*|nail\w*)|external fixat\w+|hemiarthroplasty|screw fixation|plate fixation
        im nail\w*
    """,
    "gynaecological surgery": r"""
        hysterectom\w+|salping\w+|oophorectom\w+|d ?(?:&|and) ?c|dilat(?:ion|ation) and (?:curettage|evacuation)
        hysteroscop\w+|myomectom\w+|leep|conization|endometrial ablation|colporrhaphy
    """,
    "hand or foot surgery": r"""
        bunionectom\w+|(?:\w+ )?osteotom\w+|hammertoe\w*|arthroplasty of (?:\w+ ){0,4}(?:toe|digit)
        plantar fasci\w+ release|fasciotom\w+|austin|matrixectomy|nail avulsion|amputat\w+|carpal tunnel release
        trigger finger release|tenosynovectom\w+|tendon repair|nerve decompression|cubital tunnel
        ulnar nerve transposition
    """,
    "head or nerve surgery": r"""
        craniotom\w+|craniectom\w+|burr holes?|\w*ventriculostom\w+|(?:vp|ventriculoperitoneal) shunt
        shunt (?:placement|revision)|cranioplasty|stereotactic
    """,
    "heart or vascular surgery": r"""
        cabg|coronary artery bypass(?: graft\w*)?|valve (?:replacement|repair)|endarterectom\w+|aneurysm repair
        femoral[- ]popliteal|bypass graft\w*|thrombectomy|embolectomy|vein (?:stripping|ligation)|ivc filter
        greenfield|open heart surgery
    """,
    "injection or nerve block": r"""
        epidural(?: steroid)? injections?|nerve blocks?
        (?:steroid|cortisone|facet|trigger point|joint|sacroiliac|intra-?articular) injections?
        selective nerve root|medial branch block|rhizotomy|radiofrequency|discogram|epidural steroid
    """,
    "joint replacement": r"""
        (?:total|hip|knee|shoulder|joint|partial)(?: \w+){0,2} (?:arthroplasty|replacement)|arthroplasty|tka|tha
        joint replacement
    """,
    "oxygen or ventilation": r"""
        oxygen|o2|intubat\w+|ventilat(?:or|ion)|bipap|cpap|tracheostomy|nasal cannula|endotracheal
    """,
    "pacemaker or defibrillator": r"""
        pacemakers?|aicd|icd|defibrillators?|pacer|cardioversion|ablation|electrophysiology study
    """,
    "physical or occupational therapy": r"""
        physical therap(?:y|ist)|occupational therap(?:y|ist)|pt/ot|physiotherapy|pt|therapeutic exercises?
        home exercise program|rehabilitation|rehab|gait training|range of motion exercises?
        strengthening(?: exercises?)?|chiropractic|manipulation|ultrasound therapy
    """,
    "psychotherapy or counselling": r"""
        psychotherap\w+|counsel+ing|counsel+ed|cognitive behavior\w+
        (?:individual|group|family|behavioral?|supportive) therapy|therapist|aa meetings
        psychiatric (?:follow|treatment)
    """,
    "spine surgery": r"""
        laminectom\w+|laminotom\w+|discectom\w+|diskectom\w+|spinal fusion|foraminotom\w+
        (?:cervical|lumbar|interbody|anterior|posterolateral)(?: \w+){0,3} fusion|kyphoplasty|vertebroplasty
        corpectomy|spinal (?:decompression|instrumentation)|pedicle screw\w*|arthrodesis
    """,
    "transfusion": r"""
        transfus\w+|packed (?:red )?(?:blood )?cells|prbcs?|ffp|fresh frozen plasma|platelets transf\w+
    """,
    "upper endoscopy or feeding tube": r"""
        esophagogastroduodenoscop\w+|egd|(?:upper )?(?:gi )?endoscop(?:y|ies)|esophagoscop\w+|gastroscop\w+
        peg(?: tube)?|gastrostom\w+|g-?tube|dilat(?:ion|ation) of (?:\w+ ){0,3}(?:esophagus|stricture)
    """,
    "wound repair": r"""
        sutur(?:e|ed|ing)|wound (?:care|closure|repair)|laceration repair|repair of (?:\w+ ){0,4}laceration
        dressing changes?|steri-?strips|wet[- ]to[- ]dry
    """,
}

TREATMENTS = (
    *(Treatment(name, True, words) for name, words in _DRUGS.items()),
    *(Treatment(name, False, words) for name, words in _PROCEDURES.items()),
)
"""All treatments, drugs first; those with too few notes in the training set are no labels of the model."""
