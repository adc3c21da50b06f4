"""Clinical notes about people who do not exist, in the manner of dictated and transcribed reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dictation:
    """One note.

    Parameters
    ----------
    specialties, treatments, problems : tuple of str
        That would file it; that its plan names; that the report of a chest X-ray states.
    """

    text: str
    specialties: tuple[str, ...]
    treatments: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def flow(text: str) -> str:
    """Return `text` with each paragraph on one line, as transcription services deliver it."""
    return "\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")) + "\n"


PNEUMONIA = Dictation(
    flow("""
CHIEF COMPLAINT: Fever and cough for four days.

HISTORY OF PRESENT ILLNESS: This is a 3-year-old boy, previously healthy, brought to the emergency department by his
mother with four days of cough and three days of fever up to 39.6 degrees Celsius. The cough was dry at first and has
become wet. He has been breathing fast since last night, has been eating very little, and points to the right side of
his belly when he coughs. He drank two small cups of juice today and has had one wet diaper since noon. There has been
no vomiting, no diarrhea, and no rash. No choking episode and no known foreign body. An older sister had a cold last
week. His mother gave acetaminophen at 6 a.m.

PAST MEDICAL HISTORY: Full-term vaginal delivery. One ear infection at 14 months. No asthma, no hospital admissions.

IMMUNIZATIONS: Up to date for age, including the pneumococcal conjugate vaccine.

MEDICATIONS: Acetaminophen as needed. ALLERGIES: No known drug allergies.

SOCIAL HISTORY: Lives with both parents and one sister. Attends day care. No smokers in the home.

PHYSICAL EXAMINATION: VITAL SIGNS: Temperature 39.2, pulse 148, respirations 44, oxygen saturation 93% on room air,
weight 15.1 kg. GENERAL: Tired but consolable, sitting on his mother's lap. HEENT: Tympanic membranes are clear
bilaterally. Mucous membranes slightly dry. Pharynx without exudate. NECK: Supple. CHEST: Mild subcostal retractions.
Decreased breath sounds and crackles at the right base, with dullness to percussion. No wheeze. HEART: Tachycardic,
regular, no murmur. ABDOMEN: Soft, no guarding, no masses. SKIN: Capillary refill 2 seconds.

EMERGENCY DEPARTMENT COURSE: A frontal radiograph of the chest was obtained. White blood cell count 21,400 with 82%
neutrophils, C-reactive protein 148 mg/L. A blood culture was drawn. He was given one dose of ceftriaxone and a
20 mL/kg bolus of normal saline, after which his heart rate fell to 126. He was placed on half a liter of oxygen by
nasal cannula with saturations of 97%.

ASSESSMENT: Community-acquired pneumonia of the right lower lobe, with mild hypoxemia and mild dehydration. The lobar
distribution and the inflammatory markers favor a bacterial cause.

PLAN: Admit to pediatrics. Ampicillin intravenously every six hours, oxygen to keep saturations above 92%, maintenance
fluids, antipyretics. Repeat radiograph only if he does not improve within 48 hours. The plan was discussed with his
mother, who agrees.
"""),
    ("Emergency Room Reports", "Pediatrics - Neonatal"),
)

WELL_CHILD = Dictation(
    flow("""
REASON FOR VISIT: Visit before surgery. Repair of an umbilical hernia is scheduled for Thursday.

HISTORY: This is a 4-year-old girl who has been well for months. No fever, no cough, no runny nose. No pain. Nobody else
at home is ill. She eats and sleeps as usual and goes to day care.

PAST MEDICAL HISTORY: Full-term delivery. No asthma, no hospital admissions, no bleeding disorder in the family.

IMMUNIZATIONS: Up to date for age. MEDICATIONS: None. ALLERGIES: None known.

EXAMINATION: Alert and playful, in no distress. Temperature 36.7, pulse 96, respirations 24, oxygen saturation 99% on
room air, weight 16.4 kg. No retractions. Lungs are clear, no crackles, no wheeze. Heart regular without murmur. Abdomen
soft, with a reducible umbilical hernia of 1 cm. Skin without rash.

LABS: White blood cell count 7,000, C-reactive protein 3 mg/L. A frontal radiograph of the chest was obtained.

ASSESSMENT AND PLAN: Healthy child, cleared for anesthesia. She is to have nothing by mouth from midnight.
"""),
    ("Pediatrics - Neonatal",),
)

COLONOSCOPY = Dictation(
    flow("""
PREOPERATIVE DIAGNOSES: Iron-deficiency anemia. Change in bowel habits.

POSTOPERATIVE DIAGNOSES: 1. Polyp of the ascending colon, removed. 2. Diverticulosis of the sigmoid colon.
3. Internal hemorrhoids.

PROCEDURE PERFORMED: Colonoscopy to the cecum with snare polypectomy.

ANESTHESIA: Intravenous sedation with midazolam 4 mg and fentanyl 75 mcg, titrated.

INDICATIONS: The patient is a 63-year-old woman with a hemoglobin of 9.8, a ferritin of 7, and three months of looser
stools. She has not had a colonoscopy before. Risks of bleeding, perforation, and missed lesions were explained and
she gave her written consent.

DESCRIPTION OF PROCEDURE: The patient was placed in the left lateral decubitus position. Digital rectal examination
was normal. The video colonoscope was introduced through the anus and passed without difficulty to the cecum, which
was recognized by the appendiceal orifice and the ileocecal valve. The terminal ileum was entered for 5 cm and
appeared normal. The preparation was good. On withdrawal, a sessile polyp of 12 mm was seen in the ascending colon. It
was lifted with saline and removed with a hot snare in one piece; hemostasis was complete. The transverse and
descending colon were unremarkable. Several wide-mouthed diverticula were seen in the sigmoid colon without
inflammation. Retroflexion in the rectum showed small internal hemorrhoids. Withdrawal time was 11 minutes. The scope
was withdrawn and the patient tolerated the procedure well.

ESTIMATED BLOOD LOSS: None. COMPLICATIONS: None.

RECOMMENDATIONS: Await pathology. High-fiber diet. Upper endoscopy to complete the evaluation of the anemia. Repeat
colonoscopy in three years if the polyp proves to be an adenoma.
"""),
    ("Gastroenterology", "Surgery"),
)

KNEE = Dictation(
    flow("""
PREOPERATIVE DIAGNOSIS: Torn medial meniscus, left knee.

POSTOPERATIVE DIAGNOSES: 1. Complex tear of the posterior horn of the medial meniscus, left knee. 2. Grade 2
chondromalacia of the medial femoral condyle.

OPERATION PERFORMED: Left knee arthroscopy with partial medial meniscectomy and chondroplasty.

ANESTHESIA: General with laryngeal mask. TOURNIQUET TIME: 24 minutes.

INDICATIONS: This 41-year-old man twisted his left knee while skiing ten weeks ago. He has had medial joint line pain,
catching, and two episodes of locking in spite of physical therapy. Magnetic resonance imaging showed a tear of the
posterior horn of the medial meniscus. He elected to proceed with arthroscopy.

PROCEDURE IN DETAIL: The patient was taken to the operating room and placed supine. After induction of anesthesia, a
tourniquet was applied to the left thigh and the leg was prepped and draped in the usual sterile fashion. A time-out
was performed. The leg was exsanguinated and the tourniquet inflated to 300 mmHg. Anterolateral and anteromedial
portals were made. The suprapatellar pouch and the gutters were free of loose bodies. The patellofemoral joint tracked
well. In the medial compartment there was a complex tear of the posterior horn of the meniscus with a flap displaced
into the joint. The flap was resected with a basket punch and the rim was smoothed with a motorized shaver, leaving a
stable rim of about 60 percent. Fraying of the cartilage of the medial femoral condyle was debrided. The anterior and
posterior cruciate ligaments were intact to probing. The lateral compartment was normal. The knee was irrigated, the
portals were closed with 4-0 nylon, and 20 mL of 0.25% bupivacaine was injected. A sterile dressing and an elastic
bandage were applied. The patient went to recovery in stable condition.

PLAN: Weight bearing as tolerated with crutches, quadriceps exercises from tomorrow, suture removal in ten days.
"""),
    ("Orthopedic", "Surgery"),
)

STONE = Dictation(
    flow("""
SUBJECTIVE: The patient is a 52-year-old man seen in follow-up for a stone of the right distal ureter. He was in the
emergency room nine days ago with right flank pain radiating to the groin, and a noncontrast CT showed a 5 mm calculus
at the right ureterovesical junction with mild hydronephrosis. Since then he has strained his urine and taken
tamsulosin 0.4 mg at bedtime. Three days ago the pain stopped and he brought a small brown stone in a cup. He has no
fever, no chills, no dysuria, and no gross hematuria. He voids with a good stream, once at night.

OBJECTIVE: Blood pressure 132/78, pulse 72, temperature 36.7. No costovertebral angle tenderness. Abdomen soft. The
bladder is not palpable. Urinalysis: 3 to 5 red cells, no white cells, nitrite negative, pH 5.5. Renal ultrasound in
the office today: no hydronephrosis on either side, a 3 mm echogenic focus in the lower pole of the left kidney,
ureteral jets seen bilaterally.

ASSESSMENT: 1. Right ureteral calculus, passed. 2. Small left renal calculus without symptoms. 3. Second stone episode
in four years.

PLAN: The stone goes for analysis. A 24-hour urine for calcium, oxalate, citrate, uric acid, and volume in four weeks.
Stop tamsulosin. Fluids to make at least 2.5 liters of urine a day, less salt, normal calcium intake. Return in two
months with the results, sooner with fever or colic.
"""),
    ("Urology", "SOAP / Chart / Progress Notes"),
)

HEART_FAILURE = Dictation(
    flow("""
CHIEF COMPLAINT: Shortness of breath and swollen legs for two weeks.

HISTORY OF PRESENT ILLNESS: This is a 66-year-old woman with hypertension, coronary artery disease, and a dilated
cardiomyopathy, who comes to the clinic because she can no longer climb one flight of stairs. She sleeps on three
pillows, wakes at night gasping, and has gained eight pounds. Her ankles are swollen by noon. She has had no chest
pain, no palpitations, and no fainting. She eats canned soup most days. She took ibuprofen for her knees until last
week.

PAST MEDICAL HISTORY: Myocardial infarction nine years ago. Hypertension. Hyperlipidemia. Type 2 diabetes mellitus.
Asthma since childhood, with two courses of treatment in the hospital. Stage 4 chronic kidney disease.

ALLERGIES: Penicillin (hives and swelling of the lips). Sulfa drugs (rash).

MEDICATIONS: Lisinopril 10 mg daily, atorvastatin 40 mg daily, aspirin 81 mg daily, insulin glargine 18 units at
bedtime, albuterol inhaler as needed.

FAMILY HISTORY: Her mother had bleeding ulcers. Her father died of heart failure.

PHYSICAL EXAMINATION: VITAL SIGNS: Blood pressure 148/86, pulse 104 and regular, respirations 24, oxygen saturation
92% on room air. NECK: Jugular venous pressure 13 cm of water. LUNGS: Crackles in the lower third bilaterally, no
wheeze today. HEART: Third heart sound, holosystolic murmur at the apex. EXTREMITIES: Pitting edema to the knees.

LABORATORY DATA: Creatinine 2.6, potassium 5.7, sodium 133, hemoglobin 11.2. B-type natriuretic peptide 1,480.
Echocardiogram last month: ejection fraction 28%, moderate mitral regurgitation.

ASSESSMENT: Decompensated systolic heart failure with volume overload, in a woman with chronic kidney disease.

PLAN: Furosemide 80 mg intravenously today, then by mouth twice daily. Start carvedilol at the lowest dose only if her
lungs allow. Hold lisinopril until the potassium is below 5. Continue atorvastatin, aspirin, and insulin. No NSAIDs.
Low-salt diet. Return in three days with weight and laboratory values.
"""),
    ("Cardiovascular / Pulmonary", "Consult - History and Phy."),
    ("antiplatelet", "beta-blocker", "diuretic", "insulin", "lipid-lowering drug"),
)

CHEST_REPORT = Dictation(
    flow("""
EXAM: Chest radiograph, PA and lateral views.

INDICATION: Cough and shortness of breath for one week in a 71-year-old woman.

COMPARISON: None.

FINDINGS: The heart is mildly enlarged. The thoracic aorta is tortuous and calcified. There is a small left pleural
effusion with streaky opacity in the left base, most likely atelectasis. No pneumothorax. The right lung is clear. A
calcified granuloma is present in the right upper lobe. Degenerative changes of the thoracic spine.
"""),
    ("Radiology",),
    problems=("Calcified Granuloma", "Cardiomegaly", "Pleural Effusion", "Pulmonary Atelectasis"),
)

CLEAR_CHEST = Dictation(
    flow("""
The heart size and pulmonary vascularity appear within normal limits. The lungs are free of focal airspace disease. No
pleural effusion or pneumothorax is seen.
"""),
    ("Radiology",),
    problems=("normal",),
)
