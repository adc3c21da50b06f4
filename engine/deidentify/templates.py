"""The words around identifiers in clinical notes: headers, signatures and sentences.

``{field}`` is a field of `engine.deidentify.forge.FIELDS`; what stands outside of braces identifies nobody.
"""

from dataclasses import dataclass

from engine.deidentify.shapes import listed

_HEADERS = (
    "PATIENT NAME: {name}\nMRN: {record}\nDOB: {full_date}\nDATE OF SERVICE: {full_date}\n\n",
    "Patient: {name}\nMedical Record #: {record}\nDate of Birth: {full_date}\nPhysician: {name}, M.D.\n\n",
    "{hospital}\n{address}\nPhone: {phone}  Fax: {phone}\n\nRE: {name}\nDOB: {full_date}\nDear Dr. {last}:\n\n",
    "NAME: {name}    ACCT: {record}    ADM: {full_date}    DIS: {full_date}\n",
    "Name: {name}, Age: {age}, Sex: F, Hospital no. {record}, Ward: 5B\n",
    "{name}\n{street}\n{city} {zip}\nTel {phone}\n\n",
    "DATE OF ADMISSION: {full_date}\nDATE OF DISCHARGE: {full_date}\nATTENDING PHYSICIAN: {name}, MD\n"
    "REFERRING PHYSICIAN: {name}\n\n",
    "Accession: {accession}\nExam date: {full_date} {time}\nOrdering provider: {name}\nPatient ID: {record}\n",
    "{name} (MRN {record}) was seen at {hospital} on {date}.\n",
    "SSN: {ssn}  Policy no: {serial}  Insurer: {firm}\nEmergency contact: {name} ({relative}), {phone}\n",
    "Pt: {name} | DOB {full_date} | {record} | PCP: {last}\n",
    "{full_date}\n\n{name}, MD\n{hospital}\n{address}\n\nRe: {name}\n\nDear {first},\n\n",
    "Employer: {firm}\nOccupation: teacher\nE-mail: {email}\nHome phone: {phone}\n",
    "SURGEON: {name}, M.D.\nASSISTANT: {name}, PA-C\nANESTHESIOLOGIST: Dr. {last}\nDATE OF PROCEDURE: {full_date}\n",
    "{last}, {first}\n{record}\n{full_date}\n",
    "Specimen no. {accession}, received {date} from {hospital}. Submitted by {name}.\n",
    "Visit {record}\nProvider {name}\nLocation {hospital}\n{date} {time}\n",
)
_WATCHED_HEADERS = (
    "Client: {name}\nChart no.: {record}\nBirth date: {full_date}\nSeen: {date}\n\n",
    "{hospital} - DEPARTMENT OF MEDICINE\nPATIENT {name}  UNIT NO {record}  BORN {full_date}\nCONSULTANT: {name}\n",
    "To: {name}, MD, {hospital}\nFrom: Dr. {name}\nConcerning: {name}, born {full_date}, residing at {address}\n\n",
    "Examination {accession} of {full_date}\nRequested by {name}\nName of patient: {name}\n"
    "Hospital identifier {record}\n",
    "Health card {serial}. Contact number {phone}. Email {email}.\nNext of kin: {name}, tel. {phone}.\n",
    "Dictated for: {name}\nJob number: {record}\nFacility: {hospital}\nDate dictated: {full_date}\n",
    "{name}, {age} y, {city}\nRecord {record}\n",
)
_SIGNATURES = (
    "\n\n{name}, M.D.\nD: {full_date} T: {full_date}\nJob #{record}",
    "\n\nElectronically signed by {name}, MD on {full_date} at {time}.",
    "\n\nDictated by: {name}\nTranscribed by: {initials}\ncc: {name}, {hospital}",
    "\n\nSincerely,\n\n{name}, DO\n{hospital}\n{phone}\n{email}",
    "\n\n{name} RN, {date} {time}",
    "\n\nSigned: {initials}, {date}",
    "\n\nThank you for referring {name} to our clinic. Please call me at {phone}.\n{first} {last}, MD",
    "\n\nCC: Dr. {last}; Dr. {last}\n{hospital}, {city}",
    "\n\nAuthenticated by {name}, NP {full_date}",
    "\n\nDr. {name}\nNPI {record}\nLicense {serial}",
    "\n\nReported by {last}, {first} on {date}; discussed with Dr. {last} by phone ({phone}).",
    "\n\n{initials}/{initials}  {full_date}",
    "\n\nWith kind regards\n{first} {last}\n",
)
_WATCHED_SIGNATURES = (
    "\n\nYours truly,\n{name}, MBBS\nConsultant, {hospital}\nPager {phone}",
    "\n\nVerified: {name} ({full_date}, {time})",
    "\n\nRead by {name}, MD; typed {full_date} {initials}",
    "\n\nCopies to: {name}, {address}; Dr. {name}",
    "\n\nReviewed and approved {date} {last}, {first} MD. Questions: {email} or {phone}",
    "\n\n-- {name}, PA-C, {hospital}, dictated {date}",
)

_SENTENCES = listed("""
    The patient, {name}, was seen on {date}. | {name} is a {age}-year-old who lives in {city}. |
    Mr. {last} was admitted on {date} to {hospital}. | Mrs. {last} is a {old}-year-old woman. |
    She is {old} years old and lives with her {relative} {first}. | He is a {old} y/o male. |
    The patient turned {old} on {date}. | At age {old} she still walks daily. |
    Aged {old}, he is cared for by his {relative}. | {old} yo F with falls. |
    Her {relative}, {name}, can be reached at {phone}. | His {relative} {first} was present. |
    I spoke with Dr. {last} on {date}. | Dr. {name} from {hospital} will follow up. |
    She was transferred from {hospital} on {date}. | He works at {firm}. | She attends {firm}. |
    He retired from {firm} in {year}. | The patient resides at {address}. | She moved to {city} in {month}. |
    He was born in {city} on {full_date}. | Follow up on {date} at {time} with {name}, NP. | MRN {record}. |
    Medical record number is {record}. | Account {record} was opened on {date}. |
    The specimen {accession} was sent on {date}. | Pacemaker serial number {serial} was interrogated. |
    Implant lot {serial}, model {serial}. | Please fax results to {phone}. | Call {phone} with questions. |
    Contact {email} for records. | Results are posted at {url}. | The portal was accessed from {ip}. |
    Social security number {ssn}. | The patient's {relative}, {first} {last}, agreed. | {first} denies chest pain. |
    {last} was brought to the OR. | ms. {last} tolerated it well. | Discussed with {last} and {last} at bedside. |
    Seen with {initials}. | Patient {initials} is stable. | MRI of {date} was reviewed. |
    Compared with the study of {date}, it is unchanged. | CT ({date}): no change. | Labs on {date}: normal. |
    Last menstrual period {date}. | Vaccinated on {date} and {date}. | From {date} to {date} he was at {hospital}. |
    Onset in {month}. | Surgery is planned for {date}. | Since {month} she has had pain. |
    He was last seen by Dr. {last} in {month}. |
    She was in a car accident on {date} in {city}, license plate {serial}. |
    Her insurance is {firm}, policy {serial}. | Prescriptions go to {firm} at {street}. |
    {hospital} records were requested. | Consult: {name}, MD, cardiology. |
    Per {name} (social work), the {relative} lives at {street}. | Assistant: {name}. |
    The procedure was done by Drs. {last} and {last}. | {name} underwent surgery in {month}. |
    pt {first} {last} seen today w/ {relative} {first} | seen by dr {last} {date} |
    called {first} at {phone} on {date} | ref: {accession}, {date} | The nurse, {first}, gave the dose at {time}. |
    Interpreter {name} was used. | He flew in from {city}. | A resident of {city}, she is retired. |
    Zip code {zip}. | The caregiver {name} ({relative}) phoned from {phone}. |
    As discussed with {first} and {first}, her children. | Baby {last} was born on {date}. |
    {last} family meeting held.
""")
_WATCHED_SENTENCES = listed("""
    We reviewed {first}'s films from {date} together. | {name} came in with the {relative}, {first}. |
    Ms {last} had been well until {date}. | On {date}, {last} called the office. |
    Care was handed over to {name} at {time}. | An appointment with Dr. {last} has been made for {date}. |
    The {relative} ({name}, {phone}) consents. | Home address is {address}. | She grew up near {city}. |
    Until {month} he lived alone in {city}. | The ambulance brought her from {street}. | He is employed by {firm}. |
    She was discharged from {hospital} {date}. | An outside film from {hospital} shows no fracture. |
    Hospital number {record} applies. | Her chart ({record}) was updated. |
    The biopsy, case {accession}, is pending. | The device ({serial}) was replaced on {date}. |
    Send the report to {email}. | Reach the family on {phone}. | See {url} for instructions. |
    Identified by social security {ssn}. | This {old}-year-old gentleman fell at home. |
    She is now {old} years of age. | Pt is a {old} y.o. female. | Studies dated {date} and {date} were compared. |
    Symptoms began {date}. | He will return {date}. | Accompanied by {first} {last}, the {relative}. |
    Referred by {name} of {hospital}. | Dr {last} scrubbed in. | Nurse {last} assisted. |
    spoke to {name} re: results {date} | Thank you, {first}, for this referral. |
    {first} has done well since {month}. | Seen jointly with {name}, PT. | Remote login {ip}. |
    Insured with {firm} under {serial}.
""")
NOBODY = listed("""
    History of {eponym}. | No {eponym} was found. | A {eponym} was placed. | {eponym} in {year}. |
    Blood pressure is {pressure}. | Fusion {level} in {year}. | Takes {drug} {dose}. |
    She was started on {drug} and {drug}. | {drug} {dose} was given at {time}. | Pain {few}/10. |
    Strength {few}/5 throughout. | Follow up in {few} weeks. | He is {age} years old. |
    A {age}-year-old man with {eponym}. | Grade 2/6 murmur. | Pulse 96, saturation 98%, temperature 98.6. |
    Weight 94 kg, height 165 cm. | Seen at {time}. | Sutured with 3-0 Vicryl and 4-0 Monocryl. |
    Ejection fraction {few}0%. | ICD-9 code 250.00, CPT 99213. | Glucose 97, sodium 138, potassium 4.2. |
    20/40 vision in the right eye. | Discharge to nursing home. | Estimated blood loss 95 mL. |
    {eponym} ruled out, {drug} continued. | WBC 9.8, hemoglobin 12.1, platelets 245,000. |
    She quit smoking in {year}. | {few}/{few} positive nodes. | Dose of 100 mcg/hr at 1800 cc. |
    Rated 9/10, previously 10/10. | A 14-French {eponym}. | Allergic to {drug}. | Gravida 3, para 2-0-1-2. |
    Dr. is aware. | Mother has {eponym}.
""")
"""Sentences that name nobody."""
SWAPPED = listed("""
    {name} | {name} | {name} | {last} | {last} | {first} | {first} | {first} {last} | {last} {first} | {initials} |
    Dr. {last} | {city} | {city} | {street} | {address} | {hospital} | {hospital} | {firm} | {date} | {date} |
    {record} | {phone}
""")
"""What may stand in the place of any word of a training note."""
ENTRIES = listed("""
    Patient: {name} | Pt name {name} | Name: {name} | Attending: {name} | Resident: {name}, MD | Surgeon: {last} |
    Dictated by {name} | Guardian: {name} | Mother: {first} {last} | PCP: Dr. {last} | Provider: {name}, NP |
    Author: {name} | Reporter: {initials} | RN: {first} | Interpreter: {name} | Signed {name} | By {last} |
    Physician {name} | cc {name} | DOB: {full_date} | Admitted: {date} | Discharged {date} | Date: {full_date} |
    Visit date {date} | Printed {full_date} {time} | On {date} | MRN: {record} | Acct {record} |
    File no. {record} | FIN: {record} | Order {accession} | Lab no: {accession} | ID {serial} | SSN {ssn} |
    Phone: {phone} | Tel. {phone} | Fax {phone} | Mobile {phone} | E-mail: {email} | Web: {url} |
    Address: {address} | Lives at {street} | City: {city} | Born in {city} | Zip {zip} | Facility: {hospital} |
    Hospital: {hospital} | Clinic: {hospital} | Location {hospital} | Employer: {firm} | School: {firm} |
    Insurer {firm} | Age: {age} | Age: {old} | Sex: M | Ward 5 B | Room 12 | Diagnosis: {eponym} | {name} |
    {full_date} | {record} | {hospital}
""")
SEPARATORS = ("\n", "\n", "\n", "   ", " | ", "; ", ", ", "\n\n")
"""Entries of a header, and what stands between them."""

_MEASURED_HEADERS = (
    "REGISTRATION {record}\nSUBJECT OF CARE {name}\nBORN ON {full_date}\nRESPONSIBLE CLINICIAN {name}\n"
    "SITE {hospital}\n\n",
    "Outpatient letter of {full_date}\nAbout: {name} ({full_date}), {address}\nGP: Dr {last}, {hospital}\n\n",
    "Study no. {accession} | performed {date} | for {name} | interpreted by {name}\n",
    "{hospital}\n{street}, {city}\nSwitchboard {phone}\nOur reference: {record}\n\nDear {first}\n\n",
    "Caller: {name}, {relative} of {name}. Callback number {phone}. Taken by {first} at {time} on {date}.\n",
    "Theatre list {full_date}. First operator {name}. Second operator {last}. Case sheet {record}.\n",
    "Responsible party {name}, works for {firm}, group plan {serial}, e-mail {email}\n",
)
_MEASURED_SIGNATURES = (
    "\n\nKind regards,\n{first}\n{first} {last}, Registrar to Dr {last}\n{hospital}",
    "\n\nTranscriptionist {initials}, {full_date} at {time}; proofread by {name}.",
    "\n\n{name}\nBoard certified in internal medicine\nDirect line {phone}, secretary {email}",
    "\n\nDistribution: {name}; {name}, {hospital}; patient",
    "\n\nE-signed {full_date} {time} {last} {first}, resident, under supervision of {name}",
    "\n\nEntered by {initials} on {date}",
)
_MEASURED_SENTENCES = listed("""
    It was a pleasure to meet {name} in my office. | {first} tells me that the pain is worse at night. |
    {last} is due back {date}. | Her case was presented by {name} at the tumor board of {date}. |
    Last contact with the family: {date}, by {name}. | He used to live in {city} and now stays at {street}. |
    The family drove from {city} this morning. | Home visits go to {address}. |
    Blood was drawn {date} and again {date}. | The wound has been open since {date}. |
    We expect {last} home by {date}. | Imaging was repeated in {month}. | Her symptoms go back to {month}. |
    I last saw {first} in {month}. | Outside records arrived from {hospital}. |
    {hospital} has accepted the transfer. | He volunteers at {hospital}. | She drives a truck for {firm}. |
    His supervisor at {firm} was informed. | The claim with {firm} ({serial}) is open. | Filed under {record}. |
    Duplicate chart {record} was merged. | Slides {accession} were sent out for review. |
    The pump, serial {serial}, was checked. | Identity was confirmed by social security card {ssn}. |
    Pictures were mailed to {email}. | The {relative} left a voicemail from {phone}. |
    He prefers to be called on {phone}. | Forms are at {url}. | The message came from {ip}. |
    At {old} she still lives by herself. | The {old}-year-old was found on the floor. | This is a {old} yo man. |
    My colleague {name} will see her next. | Sutures were removed by {name}, RN. |
    Anesthesia was given by Dr. {last} and {first} {last}. | Please thank {name} for the kind referral. |
    {first} and {first}, her two sons, were in the room. | Mr {last} refuses surgery. |
    Telephone consultation with {last}, {date}. | Bed assigned by {first} in admissions. |
    {name} agreed to the plan and signed on {date}.
""")


@dataclass(frozen=True)
class Templates:
    """Headers, signatures and sentences of one use."""

    headers: tuple[str, ...]
    signatures: tuple[str, ...]
    sentences: tuple[str, ...]


TRAINING = Templates(_HEADERS, _SIGNATURES, _SENTENCES)
WATCHED = Templates(_WATCHED_HEADERS, _WATCHED_SIGNATURES, _WATCHED_SENTENCES)
"""Read while the tagger was made, never trained on: for its curve and its operating point."""
MEASURED = Templates(_MEASURED_HEADERS, _MEASURED_SIGNATURES, _MEASURED_SENTENCES)
"""Written after the tagger's design was settled, and read once, for the figures of the card."""
