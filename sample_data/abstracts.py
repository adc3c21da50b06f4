"""A library of invented abstracts: studies that nobody did, of patients who do not exist, in the manner of journals."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILE = "abstracts.csv"
JOURNAL = "Synthetic abstract, invented for demonstration"
COLUMNS = ("pmid", "title", "abstract", "year", "journal")


@dataclass(frozen=True)
class Topic:
    """What two invented studies are about.

    Parameters
    ----------
    sign : str
        A sentence on how the condition shows.
    """

    condition: str
    patients: str
    treatment: str
    comparator: str
    outcome: str
    sign: str


TOPICS = (
    Topic(
        "acute myocardial infarction",
        "patients with chest pain and ST-segment elevation",
        "early coronary angioplasty",
        "thrombolysis",
        "death or reinfarction within 30 days",
        "Chest pain radiated to the left arm, and troponin rose within six hours.",
    ),
    Topic(
        "congestive heart failure",
        "patients with reduced left ventricular ejection fraction",
        "an angiotensin-converting enzyme inhibitor",
        "placebo",
        "admission for heart failure",
        "Dyspnea on exertion, orthopnea and edema of the legs were the usual complaints.",
    ),
    Topic(
        "atrial fibrillation",
        "patients with non-valvular atrial fibrillation",
        "oral anticoagulation",
        "aspirin",
        "ischemic stroke",
        "Palpitations were reported by half of the patients, and many had none.",
    ),
    Topic(
        "community-acquired pneumonia",
        "children with fever, cough and fast breathing",
        "oral amoxicillin",
        "injected penicillin",
        "failure of treatment within six days",
        "Crackles at one base and a lobar infiltrate on the chest radiograph suggested bacteria.",
    ),
    Topic(
        "asthma",
        "children with recurrent wheeze",
        "inhaled corticosteroids",
        "theophylline",
        "visits to the emergency room",
        "Wheeze and cough at night fell as peak expiratory flow rose.",
    ),
    Topic(
        "pulmonary embolism",
        "patients with sudden dyspnea after surgery",
        "low-molecular-weight heparin",
        "unfractionated heparin",
        "recurrent venous thrombosis",
        "Sudden pleuritic pain and a swollen calf were the commonest signs.",
    ),
    Topic(
        "acute appendicitis",
        "adults with pain in the right lower quadrant",
        "laparoscopic appendectomy",
        "open appendectomy",
        "infection of the wound",
        "Pain began around the navel and moved to the right iliac fossa.",
    ),
    Topic(
        "duodenal ulcer",
        "patients with endoscopically proven ulcer and Helicobacter pylori",
        "eradication by two antibiotics and a proton pump inhibitor",
        "acid suppression alone",
        "recurrence of the ulcer within a year",
        "Burning epigastric pain woke the patients at night.",
    ),
    Topic(
        "acute pancreatitis",
        "patients with gallstones and raised serum lipase",
        "early enteral feeding",
        "parenteral feeding",
        "infected necrosis",
        "Epigastric pain went through to the back.",
    ),
    Topic(
        "breast cancer",
        "women with a small invasive tumor and clear axillary nodes",
        "lumpectomy with radiotherapy",
        "mastectomy",
        "local recurrence within five years",
        "Most tumors were found by mammography as a spiculated mass.",
    ),
    Topic(
        "colorectal adenocarcinoma",
        "patients after resection of a node-positive colon cancer",
        "adjuvant chemotherapy",
        "observation",
        "survival without recurrence",
        "Occult blood in the stool and anemia led to colonoscopy.",
    ),
    Topic(
        "ischemic stroke",
        "patients with sudden weakness of one side",
        "admission to a stroke unit",
        "a general ward",
        "dependence at six months",
        "Aphasia and facial palsy were seen in lesions of the left hemisphere.",
    ),
    Topic(
        "migraine",
        "adults with at least four attacks a month",
        "propranolol",
        "placebo",
        "days with headache",
        "Throbbing headache on one side came with nausea and fear of light.",
    ),
    Topic(
        "epilepsy",
        "patients with complex partial seizures",
        "carbamazepine",
        "phenytoin",
        "freedom from seizures",
        "The electroencephalogram showed spikes over one temporal lobe.",
    ),
    Topic(
        "type 1 diabetes",
        "adolescents with raised glycated hemoglobin",
        "intensive insulin therapy",
        "conventional insulin therapy",
        "progression of retinopathy",
        "Thirst and polyuria had led to the diagnosis.",
    ),
    Topic(
        "hyperthyroidism",
        "patients with Graves disease",
        "radioactive iodine",
        "antithyroid drugs",
        "relapse within two years",
        "Tremor, loss of weight and a diffuse goiter were present.",
    ),
    Topic(
        "rheumatoid arthritis",
        "patients with swollen joints of both hands",
        "methotrexate",
        "injected gold",
        "erosions on radiographs of the hands",
        "Stiffness in the morning lasted more than one hour.",
    ),
    Topic(
        "urinary tract infection",
        "women with dysuria and bacteriuria",
        "three days of trimethoprim",
        "seven days of trimethoprim",
        "persisting Escherichia coli",
        "Frequency, urgency and burning were usual.",
    ),
    Topic(
        "pre-eclampsia",
        "pregnant women with hypertension and proteinuria",
        "magnesium sulfate",
        "diazepam",
        "convulsions before delivery",
        "Headache and flashes of light preceded the seizures.",
    ),
    Topic(
        "fracture of the hip",
        "elderly patients after a fall",
        "operation within 24 hours",
        "operation after two days",
        "walking without help at four months",
        "The leg was shortened and rotated outwards.",
    ),
)


def write_library(folder: Path, seed: int) -> None:
    """Write two invented studies of each topic into ``abstracts.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    with (folder / FILE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, topic in enumerate(TOPICS):
            for study, (title, text) in enumerate((_trial(topic, generator), _course(topic, generator)), start=1):
                year = int(generator.integers(1990, 2020))
                writer.writerow([f"SYN-{number + 1:02d}{study}", title, text, year, JOURNAL])


def _trial(topic: Topic, generator: np.random.Generator) -> tuple[str, str]:
    size = 2 * int(generator.integers(40, 400))
    worse = int(generator.integers(18, 40))
    better = worse - int(generator.integers(3, 12))
    text = (
        f"We compared {topic.treatment} with {topic.comparator} in {topic.condition}. {size} {topic.patients} were "
        f"drawn at random to one or the other. {topic.sign} The main outcome was {topic.outcome}. It was seen in "
        f"{better}% after {topic.treatment} and in {worse}% after {topic.comparator}. Side effects were alike in both "
        f"groups. In this invented trial {topic.treatment} did better; as nobody was treated, nothing follows from it."
    )
    return f"{_capital(topic.treatment)} or {topic.comparator} in {topic.condition}: a randomized trial", text


def _course(topic: Topic, generator: np.random.Generator) -> tuple[str, str]:
    size, years = int(generator.integers(60, 900)), int(generator.integers(2, 9))
    share, late = int(generator.integers(8, 45)), int(generator.integers(3, 12))
    text = (
        f"The course of {topic.condition} is described in {size} {topic.patients}, followed for {years} years. "
        f"{topic.sign} After adjustment for age and sex, {topic.outcome} was seen in {share}% and was commoner in the "
        f"oldest quarter. Those who had received {topic.treatment} were younger, so that no effect can be inferred "
        f"from this series. Diagnosis was late in one of {late} cases. All figures are invented."
    )
    return f"Signs and outcome of {topic.condition} in {size} cases", text


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
