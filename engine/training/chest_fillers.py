"""What generated notes say beside the signs: how they begin, what they are about otherwise, and what tells nothing.

Nothing here depends on the kind of film. ``{age}``, ``{years}``, ``{m}``, ``{child}``, ``{sex}``, ``{he}``, ``{his}``
and ``{side}`` are filled in for each child.
"""

from __future__ import annotations

from engine.training.chest_signs import EXAMINATION, HISTORY, TESTS

OPENINGS = (
    "{age}-old {child} brought in by {his} mother.",
    "This is a {age}-old {child}, previously healthy, brought to the emergency department.",
    "The patient is a {age}-old {child} seen in clinic today.",
    "{years} y/o {sex} seen in the ED.",
    "{years} yo {child}.",
    "{age}-old {child}, referred by the family doctor for a chest film.",
    "A {age}-old {child} presents with {his} father.",
    "Seen for the second time this week: a {age}-old {child}.",
)

ELSEWHERE = (
    "{age}-old {child} seen in follow-up for a fracture of the {side} forearm. The cast is dry and intact. Fingers are "
    "warm with brisk capillary refill. Film of the arm shows good alignment.",
    "{age}-old {child} scheduled for repair of an inguinal hernia. No bleeding disorder in the family. Cleared for "
    "anesthesia. A chest film was taken before surgery.",
    "{age}-old {child} swallowed a coin at home. No drooling. Abdomen is soft. The coin is expected to pass.",
    "{years} y/o {sex} for well child check. Growth along the 50th percentile. Development appropriate for age.",
    "{age}-old {child} with eczema of both elbows. Skin is dry and itchy. Uses an emollient twice a day.",
    "{age}-old {child} fell from a swing. No loss of consciousness, no vomiting. Small hematoma of the forehead.",
    "{age}-old {child} with a scald of the {side} forearm, two percent of the body surface. Blisters were dressed.",
    "{years} y/o {sex}, follow-up of a heart murmur, thought innocent. Echocardiogram is pending.",
    "{age}-old {child} with constipation for {m} months. Stool is palpable in the left lower quadrant.",
    "{age}-old {child} before adenotonsillectomy. Snores every night. Tonsils are large.",
    "{age}-old {child}, contact of a case of tuberculosis, skin test placed. Has no complaints.",
)

BESIDE = {
    HISTORY: (
        "Past medical history: full-term delivery, one ear infection at {m} months.",
        "No hospital admissions and no operations.",
        "Born at term after an uneventful pregnancy.",
        "Immunizations are up to date for age.",
        "Immunizations up to date, including the pneumococcal conjugate vaccine.",
        "Medications: acetaminophen as needed.",
        "Mother gave ibuprofen at {m} a.m.",
        "No known drug allergies.",
        "Allergies: none known.",
        "Lives with both parents and one sister.",
        "Attends day care three days a week.",
        "No smokers in the home.",
        "No vomiting, no diarrhea and no rash.",
        "No choking episode and no known foreign body.",
        "No history of asthma.",
        "Family history: an aunt has asthma.",
        "{he} drank two small cups of juice today.",
        "Has had {m} wet diapers since yesterday.",
        "Sleeps poorly at night.",
        "Growth and development are normal.",
        "No recent travel.",
        "Older brother had chickenpox last year.",
        "Never had a blood transfusion.",
        "The history was given by {his} grandmother.",
        "Review of systems is otherwise negative.",
    ),
    EXAMINATION: (
        "Weight 1{m}.2 kg.",
        "Pulse 13{years}, blood pressure 9{years}/55.",
        "Heart regular without murmur.",
        "Abdomen soft, no guarding, no masses.",
        "Tympanic membranes are clear bilaterally.",
        "Pharynx without exudate, neck supple.",
        "Skin without rash, capillary refill 2 seconds.",
        "Moves all extremities.",
        "No lymphadenopathy.",
        "Mucous membranes slightly dry.",
        "Left ear: wax. Right ear: normal.",
        "Neurologic examination is grossly normal.",
        "Sitting on {his} mother's lap.",
        "Liver edge is not palpable.",
        "Genitalia normal.",
    ),
    TESTS: (
        "A frontal radiograph of the chest was obtained.",
        "Hemoglobin 11.{years}, platelets 2{m}0,000.",
        "Sodium 13{years}, potassium 4.{years}.",
        "Urinalysis was negative.",
        "A blood culture was drawn.",
        "Glucose 9{years} mg/dL.",
        "Nasal swab was sent.",
        "Chest film done, not yet read.",
    ),
}

HEADINGS = {
    HISTORY: ("HISTORY OF PRESENT ILLNESS:", "HISTORY:", "HPI:", "SUBJECTIVE:", "CHIEF COMPLAINT:"),
    EXAMINATION: ("PHYSICAL EXAMINATION:", "EXAMINATION:", "OBJECTIVE:", "EXAM:", "VITAL SIGNS AND EXAMINATION:"),
    TESTS: ("LABORATORY DATA:", "LABS:", "EMERGENCY DEPARTMENT COURSE:", "TESTS:", "RESULTS:"),
}
