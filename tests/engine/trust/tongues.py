"""Texts for the tests of language: notes in English of every manner, and what is no English note."""

from __future__ import annotations

import random

ENGLISH = {
    "prose": "The patient is a 61-year-old man who came in with chest pain that had begun two hours before.",
    "shorthand": (
        "67M c/o CP x2d, SOB, DOE. PMH: HTN, DM2, CAD s/p CABG, COPD. Meds: ASA, metoprolol, lisinopril, "
        "metformin. VS: BP 148/92 HR 96 RR 22 SpO2 91% RA. EKG: NSR, LBBB. Trop neg x2. A/P: r/o ACS, serial trops."
    ),
    "upper case": (
        "CHIEF COMPLAINT: ABDOMINAL PAIN. HISTORY: 44-YEAR-OLD FEMALE WITH RIGHT LOWER QUADRANT PAIN SINCE LAST NIGHT, "
        "NAUSEA, VOMITING. ABDOMEN TENDER AT MCBURNEY POINT. IMPRESSION: ACUTE APPENDICITIS."
    ),
    "drug list": (
        "MEDICATIONS: Atorvastatin 40 mg, clopidogrel 75 mg, carvedilol 12.5 mg, sacubitril-valsartan, spironolactone, "
        "empagliflozin, apixaban 5 mg, levothyroxine, pantoprazole, amitriptyline, tamsulosin, ferrous sulfate."
    ),
    "latin": (
        "Rx: amoxicillin 500 mg p.o. t.i.d. ac; prednisone q.d. p.r.n.; gtt. o.d. b.i.d. Dx: tinea pedis, "
        "verruca vulgaris, pityriasis rosea. Situs inversus totalis. Hallux valgus."
    ),
    "headings and values": (
        "LABS: Na 138, K 4.1, Cl 102, CO2 24, BUN 18, creatinine 1.1, glucose 112. WBC 8.4, Hgb 13.2, platelets 240. "
        "ABG: pH 7.38, pCO2 41, pO2 88. Lactate 1.2. Troponin negative."
    ),
    "echo": (
        "DESCRIPTION: 1. Normal cardiac chambers size. 2. Normal left ventricular size. 3. Normal LV function. "
        "Ejection fraction estimated around 60%. 4. Aortic valve normal. 5. Mitral valve normal. 6. No effusion."
    ),
    "short": "Sore throat, fever.",
    "one word": "Appendicitis",
    "chest report": "Heart size normal. Lungs clear. No pneumothorax or pleural effusion. Bony structures intact.",
}

OTHER = {
    "German": (
        "ANAMNESE: Der 61-jährige Patient stellte sich mit seit zwei Stunden bestehenden Thoraxschmerzen in der "
        "Notaufnahme vor. Er nimmt Metoprolol und Ramipril. In der Auskultation fanden sich keine Rasselgeräusche. "
        "Die Operation verlief ohne Komplikationen. DIAGNOSE: Akutes Koronarsyndrom, arterielle Hypertonie."
    ),
    "French": (
        "MOTIF : douleur thoracique. Le patient, âgé de 61 ans, est admis aux urgences pour une douleur apparue depuis "
        "deux heures. Il prend du métoprolol et de l'aspirine. Les poumons sont clairs à l'auscultation, le cœur est "
        "régulier. CONCLUSION : syndrome coronarien aigu sans complication."
    ),
    "Spanish": (
        "MOTIVO DE CONSULTA: dolor torácico. Paciente varón de 61 años que acude a urgencias por dolor de dos horas de "
        "evolución. Antecedentes de hipertensión arterial y diabetes mellitus. Toma metformina y enalapril. A la "
        "auscultación no se aprecian ruidos. PLAN: cateterismo cardíaco."
    ),
    "Spanish without accents": (
        "ABDOMEN: blando, depresible, no doloroso. EXTREMIDADES: sin edema. NEUROLOGICO: alerta. Se solicita "
        "hemograma, radiografia de torax y electrocardiograma. Tratamiento con paracetamol, amoxicilina e ibuprofeno."
    ),
    "Italian": (
        "Paziente di 61 anni giunto in pronto soccorso per dolore toracico insorto da due ore. Assume metoprololo e "
        "ramipril. L'esame obiettivo non mostra edemi. Il torace è libero. Si ricovera per accertamenti."
    ),
    "Portuguese": (
        "Paciente masculino de 61 anos com dor torácica há duas horas. Nega febre. Usa losartana e metformina. Pulmões "
        "limpos à ausculta, ritmo cardíaco regular. Solicitado eletrocardiograma e troponina."
    ),
    "Dutch": (
        "De patiënt is een man van 61 jaar die zich op de spoedeisende hulp meldde met pijn op de borst. "
        "Hij gebruikt metoprolol. Over de longen zijn geen bijgeluiden gehoord. De buik is soepel."
    ),
    "Polish": "Pacjent lat 61 zgłosił się z bólem w klatce piersiowej od dwóch godzin. Przyjmuje ramipryl.",
    "Chinese": "患者男性，61岁，因胸痛两小时入院。既往有高血压、糖尿病病史。双肺呼吸音清。诊断：急性冠脉综合征。",
    "Chinese among English": "患者因 COPD 急性加重入院，予 aspirin、metformin 口服，查 ECG 示窦性心律，CT 示双肺感染。",
    "Japanese": "患者は六十一歳の男性で、二時間前からの胸痛を主訴に救急外来を受診した。肺音は清、心音は整。",
    "Russian": "Пациент 61 года поступил с жалобами на боль в груди в течение двух часов. Принимает метопролол.",
    "Arabic": "المريض رجل يبلغ من العمر واحدا وستين عاما حضر إلى الطوارئ بسبب ألم في الصدر منذ ساعتين",
    "bytes as Latin-1": random.Random(7).randbytes(600).decode("latin-1"),
    "bytes as UTF-8": random.Random(8).randbytes(600).decode("utf-8", "replace"),
    "bytes as base64-like letters": "".join(
        random.Random(9).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789+/", k=600)
    ),
    "letters in words": " ".join(
        "".join(random.Random(r).choices("abcdefghijklmnopqrstuvwxyz", k=7)) for r in range(60)
    ),
    "numbers": "\n".join(
        " ".join(f"{random.Random(r * 9 + c).gauss(50, 20):.2f}" for c in range(8)) for r in range(20)
    ),
    "numbers with a header": "id,age,hr,sbp,lactate\n"
    + "\n".join(f"{r},{40 + r},{80 + r},{120 + r},{r / 10}" for r in range(40)),
    "signs": "*** --- === ### ,,, ;;; !!! ... ((( )))",
}
