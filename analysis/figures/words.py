"""Columns of outcomes.csv in words, for axes and tables."""

from __future__ import annotations

LABELS = {
    "vertical_peak_bw": "peak vertical force (BW)",
    "braking_peak_bw": "peak braking force (BW)",
    "vertical_loading_rate_bw_s": "vertical loading rate (BW/s)",
    "thigh_contact_deg": "thigh angle at contact (deg)",
    "thigh_min_deg": "thigh angle, furthest back (deg)",
    "thigh_max_deg": "thigh angle, furthest forward (deg)",
    "knee_contact_deg": "knee flexion at contact (deg)",
    "knee_stance_peak_deg": "peak knee flexion in stance (deg)",
    "knee_swing_peak_deg": "peak knee flexion in swing (deg)",
    "ankle_max_deg": "peak dorsiflexion (deg)",
    "ankle_min_deg": "peak plantarflexion, as negative (deg)",
    "hip_flexor_moment_peak_nm_kg": "peak hip-flexor moment (Nm/kg)",
    "hip_extensor_moment_peak_nm_kg": "peak hip-extensor moment (Nm/kg)",
    "ankle_com_m": "ankle ahead of mass centre at contact (m)",
    "ankle_com_per_leg": "ankle ahead of mass centre at contact (leg lengths)",
    "heel_com_m": "heel ahead of mass centre at contact (m)",
    "foot_hip_m": "ankle ahead of hip at contact (m)",
    "foot_knee_m": "ankle ahead of knee at contact (m)",
    "hip_force_peak_bw": "peak hip contact force (BW)",
    "rim_margin_min_deg": "least margin of hip force to socket rim (deg)",
    "near_rim_share_percent": "share of stride with force near the rim (%)",
    "head_displacement_max_mm": "largest displacement of femoral head (mm)",
    "hip_extension_peak_deg": "peak hip extension (deg)",
    "thigh_extension_peak_deg": "peak thigh extension (deg)",
    "leg_negative_work_j_kg_m": "work absorbed by the leg (J/kg/m)",
    "trunk_negative_work_j_kg_m": "work absorbed by the trunk (J/kg/m)",
    "braking_impulse_m_s": "braking impulse (m/s)",
    "braking_impulse_bw_s_per_m": "braking impulse per metre (BW s/m)",
    "cadence_steps_min": "step rate",
    "shank_contact_deg": "shank angle at contact (deg)",
    "emg_jaccard_glmax": "gluteus maximus: overlap with electromyography",
    "emg_jaccard_glmed": "gluteus medius: overlap with electromyography",
    "emg_jaccard_hamstrings": "hamstrings: overlap with electromyography",
    "emg_jaccard_vasti": "vasti: overlap with electromyography",
    "emg_jaccard_soleus": "soleus: overlap with electromyography",
    "emg_jaccard_iliopsoas": "iliopsoas: overlap with electromyography",
}
UNITS = {
    **{"bw_s_per_m": "BW s/m", "j_kg_m": "J/kg/m", "j_kg": "J/kg", "bw_s": "BW s", "n_s": "N s"},
    **{"nm_kg": "Nm/kg", "bw": "BW", "deg": "deg", "mm": "mm", "percent": "%", "n": "N"},
    **{"m_s": "m/s", "m": "m", "s": "s"},
}
NAMES = {"glmax": "gluteus maximus", "glmed": "gluteus medius", "glmin": "gluteus minimus"}


def words(column: str) -> str:
    """A column in words, its unit in brackets."""
    if column in LABELS:
        return LABELS[column]
    unit = next((u for u in UNITS if column.endswith(f"_{u}")), "")
    stem = column.removesuffix(f"_{unit}") if unit else column
    text = " ".join(NAMES.get(word, word) for word in stem.split("_"))
    return f"{text} ({UNITS[unit]})" if unit else text
