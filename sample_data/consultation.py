"""One long clinical note, longer than a Transformer reads at once, about a person who does not exist."""

from __future__ import annotations

from sample_data.notes import Dictation, flow

CONSULTATION = Dictation(
    flow("""
REASON FOR CONSULTATION: Shortness of breath, atrial fibrillation with rapid ventricular response, and elevated
troponin.

HISTORY OF PRESENT ILLNESS: I was asked by the hospitalist service to see this 71-year-old woman, who was admitted
last night through the emergency department. She was in her usual state of health until about three weeks ago, when
she noticed that she had to stop halfway up the single flight of stairs in her house. Over the following days she
began to sleep on three pillows, and for the past four nights she has moved to a recliner because lying flat made
her cough. Two nights ago she woke up suddenly, gasping, and had to sit at the open window for about twenty minutes
until the feeling passed. She has gained an estimated nine pounds, and her shoes no longer fit in the evening.
Yesterday afternoon, while folding laundry, she became aware of a rapid, irregular pounding in her chest. This did
not go away with rest. It was accompanied by lightheadedness but no syncope. She describes a pressure across the
upper chest, four out of ten in intensity, not radiating, without diaphoresis or nausea, which lasted for about an
hour and had resolved by the time the ambulance arrived. She denies fever, chills, or sputum production. She denies
calf pain or recent travel. She admits that she stopped her diuretic about a month ago because it interfered with
her choir practice, and that she has been taking ibuprofen twice daily for pain in her right knee for the last six
weeks.

In the emergency department, her heart rate was 146 and irregular, blood pressure 158/92, respiratory rate 26, and
oxygen saturation 88% on room air. The electrocardiogram showed atrial fibrillation. She received diltiazem 15 mg
intravenously followed by an infusion at 5 mg an hour, furosemide 40 mg intravenously, and oxygen at 3 liters by
nasal cannula. Overnight she has put out 2.1 liters of urine, and she tells me this morning that she feels "about
half better."

PAST CARDIAC HISTORY: 1. Hypertension, diagnosed at age 48. 2. Paroxysmal atrial fibrillation, first documented four
years ago at the time of a gallbladder operation; it converted spontaneously and she has not been anticoagulated
since. 3. Mild mitral regurgitation on an echocardiogram four years ago, with an ejection fraction of 55% at that
time. 4. A stress nuclear study six years ago was negative for ischemia. She has never had a cardiac
catheterization.

PAST MEDICAL HISTORY: Type 2 diabetes mellitus for eleven years without known retinopathy. Hyperlipidemia. Stage 3
chronic kidney disease with a baseline creatinine of 1.3. Osteoarthritis of both knees. Hypothyroidism. Obstructive
sleep apnea, for which she was given a mask that she does not use.

PAST SURGICAL HISTORY: Laparoscopic cholecystectomy four years ago. Hysterectomy at age 50 for fibroids. Cataract
extraction on the right.

CURRENT MEDICATIONS: Diltiazem infusion at 5 mg an hour, furosemide 40 mg intravenously twice daily, lisinopril 20
mg daily, atorvastatin 40 mg daily, metformin (held), sliding scale insulin, levothyroxine 75 mcg daily, aspirin 81
mg daily, and enoxaparin 40 mg subcutaneously daily. At home she was also prescribed hydrochlorothiazide 25 mg
daily, which she had stopped, and she took ibuprofen 400 mg twice daily without a prescription.

ALLERGIES: Sulfa antibiotics cause a rash. She has taken furosemide in the past without difficulty.

FAMILY HISTORY: Her father died at 66 of a myocardial infarction. Her mother lived to 89 and had heart failure in
her last years. One brother has a pacemaker. There is no family history of sudden death or cardiomyopathy in the
young.

SOCIAL HISTORY: She is a retired school librarian and a widow. She lives alone, with a daughter next door. She
smoked half a pack a day for fifteen years and quit at the age of 38. She drinks a glass of wine with dinner on most
days. There is no illicit drug use. She drives, and she sings in a church choir.

REVIEW OF SYSTEMS: CONSTITUTIONAL: Fatigue; weight gain as noted. No fever. EYES: No change in vision. EARS, NOSE
AND THROAT: Negative. RESPIRATORY: As above; no hemoptysis. GASTROINTESTINAL: Early satiety for two weeks. No
melena, no hematochezia. GENITOURINARY: Nocturia three times, less since the diuretic was stopped. MUSCULOSKELETAL:
Right knee pain. NEUROLOGIC: No weakness, no slurred speech, no transient visual loss. ENDOCRINE: Fasting sugars at
home have been between 130 and 170. HEMATOLOGIC: No easy bruising. PSYCHIATRIC: Mood is good. All other systems are
negative.

PHYSICAL EXAMINATION: GENERAL: A pleasant woman sitting upright in bed, speaking in full sentences. VITAL SIGNS:
Blood pressure 134/76, heart rate 98 to 112 and irregularly irregular, respiratory rate 20, temperature 36.8, oxygen
saturation 95% on 2 liters. Weight 84.6 kg; her weight in the office in the spring was 79.8 kg. HEENT:
Normocephalic. Sclerae anicteric. Conjunctivae pink. NECK: Jugular venous pressure is estimated at 12 cm of water
with positive hepatojugular reflux. Carotid upstrokes are brisk without bruits. The thyroid is not enlarged. LUNGS:
Crackles in the lower third on both sides, and dullness at the right base. No wheezing. HEART: The apical impulse is
displaced to the anterior axillary line. First heart sound of variable intensity, second heart sound normally split.
There is a grade 3/6 holosystolic murmur at the apex, radiating to the axilla. No third heart sound could be
appreciated at this rate. No rub. ABDOMEN: Soft, obese, nontender. The liver edge is palpable 2 cm below the costal
margin. EXTREMITIES: Pitting edema 2+ to the mid shin bilaterally. Pedal pulses are 1+ and symmetric. No clubbing or
cyanosis. SKIN: Warm and dry. NEUROLOGIC: Alert, oriented to person, place and time, moves all extremities, no
facial droop.

LABORATORY DATA: Sodium 134, potassium 3.7, chloride 98, bicarbonate 27, urea nitrogen 31, creatinine 1.6, glucose
188. White blood cell count 8.9, hemoglobin 11.4, platelets 236,000. Troponin I 0.09, then 0.14 and 0.11 ng/mL at
six and twelve hours. B-type natriuretic peptide 1,240 pg/mL. Thyroid stimulating hormone 5.8. Hemoglobin A1c 7.6%.
Magnesium 1.6. Lactate normal. Liver enzymes minimally elevated. Urinalysis shows a trace of protein.

DIAGNOSTIC STUDIES: The electrocardiogram on arrival shows atrial fibrillation at 142 beats per minute, voltage
criteria for left ventricular hypertrophy, and 1 mm of lateral ST depression, which had improved on the tracing
taken this morning at a rate of 104. The portable chest radiograph shows cardiomegaly, cephalization of the vessels,
Kerley lines at the bases, and a small right pleural effusion. The transthoracic echocardiogram, which I reviewed
personally, shows a moderately dilated left ventricle with global hypokinesis and an estimated ejection fraction of
35%, moderate mitral regurgitation with a central jet, a left atrium of 5.1 cm, mild tricuspid regurgitation, and an
estimated right ventricular systolic pressure of 48 mmHg. There is no pericardial effusion, and no thrombus is seen,
although the appendage is not visualized.

ASSESSMENT: 1. Acute decompensated heart failure with reduced ejection fraction, new since four years ago, New York
Heart Association class III on admission, brought on by rapid atrial fibrillation, by stopping the diuretic, and by
a nonsteroidal anti-inflammatory drug. The cause of the cardiomyopathy is not established. Tachycardia-mediated,
hypertensive, and ischemic cardiomyopathy are all possible. 2. Atrial fibrillation with rapid ventricular response,
of unknown duration but probably longer than 48 hours. Her CHA2DS2-VASc score is 5 (age, sex, hypertension,
diabetes, heart failure), and she is not anticoagulated. 3. Elevated troponin with a flat pattern, most consistent
with demand ischemia, in a diabetic with a positive family history. 4. Functional mitral regurgitation, moderate. 5.
Acute on chronic kidney injury, in all likelihood cardiorenal with a contribution of ibuprofen. 6. Untreated sleep
apnea, which feeds items 1 and 2.

RECOMMENDATIONS: 1. Stop the diltiazem infusion, since it depresses contractility and the ejection fraction is now
known to be reduced. Begin metoprolol succinate 25 mg, to be raised as congestion clears, and use intravenous
amiodarone if the rate is not controlled. 2. Continue furosemide 40 mg intravenously twice daily, with a goal of 1.5
to 2 liters net negative a day, daily weights, strict intake and output, and a fluid restriction of 1.5 liters.
Replace potassium to above 4 and magnesium to above 2. 3. Change enoxaparin to a therapeutic dose and start apixaban
5 mg twice daily before discharge. Aspirin can then be stopped unless coronary disease is found. 4. If she stays in
atrial fibrillation after two days of diuresis, I would proceed with a transesophageal echocardiogram and
cardioversion. 5. Coronary angiography once the creatinine has come back to baseline. 6. Hold lisinopril today; if
the creatinine falls, resume it, with a view to sacubitril-valsartan, spironolactone, and an SGLT2 inhibitor in the
outpatient clinic. 7. No nonsteroidal anti-inflammatory drugs. This was explained to the patient and to her
daughter. 8. Sleep medicine referral for a new mask. 9. Dietitian to see for a 2 gram sodium diet. 10. Repeat the
echocardiogram in three months on full medical therapy; should the ejection fraction remain at or below 35%, we will
discuss a defibrillator.

Thank you for allowing me to take part in the care of this pleasant lady. I will follow along with you.
"""),
    ("Cardiovascular / Pulmonary", "Consult - History and Phy."),
)
