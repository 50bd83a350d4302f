"""The figures of the report: in which order, with which title, caption and alternative text.

A caption here says what a figure is for; what its marks are and its numbers are said by the code
that draws it, in figures/NAME.txt (with_caption).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

NOT_COLOUR_ALONE = "Doses differ in colour and in line: blue weaker, black 100 %, orange stronger."


@dataclass(frozen=True)
class Picture:
    """A figure's file name, its section of the report, title, caption, and text for who cannot see.

    about: a claim's name, or `runner` (is the runner believable?) or `strength`.
    """

    name: str
    about: str
    title: str
    caption: str
    alternative: str


PICTURES = (
    Picture(
        *("answer", "verdict", "The answer at a glance"),
        "A hip that has lost strength: does the runner change as the article says, and enough to "
        "matter?",
        "A bar for each main quantity, right as the article claims, left against it, with a grey "
        "band of changes too small to matter and the size in words.",
    ),
    Picture(
        *("verdict", "verdict", "All endpoints against the smallest effect that would matter"),
        "Each mark is what a change of strength does to one quantity, divided by the smallest "
        "change that would matter; a hollow circle is a single variant, which has no spread and "
        "decides nothing. A diamond outside the grey band says that the average over the doses "
        "hides a change beyond the smallest effect. By the rule a verdict is trusted "
        "only if all controls of its claim passed; how they ended stands beside it.",
        "Forest plot of effects with intervals by claim; its numbers are in the table.",
    ),
    Picture(
        *("dose_response", "verdict", "The claims' main quantities against strength"),
        "How the quantities that decide the claims change from weak to strong. A curve that stays "
        "in the grey changes less than the smallest effect that would matter.",
        "A panel for each main quantity against strength in per cent.",
    ),
    Picture(
        *("dose_effect_by_habit", "verdict", "Does the effect depend on how free the motion is?"),
        "A runner neither keeps their motion exactly nor re-invents it overnight. The habit weight "
        "says how much deviating from their own motion costs them: 0 is free, large is held fast. "
        "An effect that shows at one weight only holds at that weight only. Above each panel: the "
        "claim's verdict and whether it is trusted.",
        "Effect of strength on each main quantity against habit weight.",
    ),
    Picture(
        *("demand", "runner", "How much of its strength the hip flexor uses"),
        "What running asks of iliopsoas, as a share of what it can give at its length and speed of "
        "shortening: weakness matters where little is left, and at which speed that is so.",
        "Demand over capacity by strength, and by running speed.",
    ),
    Picture(
        *("over_striding", "landing", "Why the foot lands where it does"),
        "The distance of the ankle ahead of the body's centre of mass, taken apart in two ways: "
        "into thigh, shank and hip, and into a longer step and a foot placed further ahead in it. "
        "Less hip flexion alone reduces the thigh's reach; over-striding needs the shank or the "
        "step to make up for more than that.",
        "Bars of the parts by strength, angles at contact, and step rate and length.",
    ),
    Picture(
        *("ground_force", "landing", "Force of the ground on the right foot"),
        NOT_COLOUR_ALONE,
        "Vertical, fore-aft and sideways force over the stance for each strength.",
    ),
    Picture(
        *("gait_by_dose", "landing", "Ground force and joint angles beside measured runners"),
        NOT_COLOUR_ALONE,
        "Ground force and angles of thigh, knee and ankle over the stride for each strength.",
    ),
    Picture(
        *("gluteal_activation", "reciprocal", "What the glutes do"),
        "How much the glutes are asked for in each phase of the stride.",
        "Activation and force curves of each gluteus, and the stance means against strength.",
    ),
    Picture(
        *("hip_force_direction", "centring", "Where the hip contact force points"),
        "Whether the ball presses into the middle of the socket or towards its rim.",
        "Paths of the hip force and its margin to the rim over the stride for each strength.",
    ),
    Picture(
        *("cup", "centring", "The socket seen face-on"),
        "The same force on the surface of the socket, and the pressure that it makes there.",
        "Circular maps of the socket with force paths and pressure by strength.",
    ),
    Picture(
        *("head_displacement", "centring", "How far the femoral head moves in its socket"),
        "The ball's own motion in the socket.",
        "Displacement of the femoral head over the stride for each strength and both readings.",
    ),
    Picture(
        *("socket_tornado", "centring", "What else moves the socket's numbers"),
        "Where a parameter's bar is longer than the black one, not knowing that parameter matters "
        "more than strength.",
        "Bars of the change of displacement, pressure and margin by parameter.",
    ),
    Picture(
        *("sensitivity", "runner", "Which muscles matter"),
        "Derivatives of the 100 % run by each muscle's strength; drawn where the study asks for "
        "them. Where the doses leave the line, the response bends.",
        "Bars of the muscles that change each quantity most, and the quantity against strength.",
    ),
    Picture(
        *("lewis", "centring", "A control: the leg lifted lying down"),
        "After Lewis 2007; drawn where the study has a runner in three dimensions.",
        "Anterior hip force against hip angle by strength, two exercises and two readings.",
    ),
    Picture(
        *("measured_moments", "runner", "Joint moments of the measured stride"),
        "What the measured motion and ground force ask of each joint, what reserves give of it, "
        "and what motion and force leave at the pelvis, for they never fit exactly.",
        "Joint moments of both legs over the stride with reserves, and the pelvis residual.",
    ),
    Picture(
        *("measured_activations", "runner", "What every muscle does in the measured stride"),
        "The darker, the more active.",
        "Map of the activation of every muscle over the stride, right and left.",
    ),
    Picture(
        *("measured_emg", "runner", "Activations beside electromyography"),
        "Timing is compared, not size. Muscles answer excitation late: an envelope that comes "
        "after the activation (a negative lag) does not confirm it.",
        "Envelope and activation of each muscle over the stride, right and left.",
    ),
    Picture(
        *("norms_scorecard", "runner", "The 100 % runner beside measured runners"),
        "Each quantity as its distance from the mean of measured runners, in their standard "
        "deviations. Believable: at least 80 % within 2 and none beyond 4.",
        "Marks of each quantity within bands of 2 and 4 standard deviations.",
    ),
    Picture(
        *("norm_stick_figures", "runner", "The 100 % runner's legs beside runners' mean"),
        "What the scorecard's numbers look like.",
        "Stick figures at eight phases of the stride: the simulated runner, measured runners' mean "
        "legs, and both overlaid.",
    ),
    Picture(
        *("muscle_timing", "runner", "Are the muscles active when electromyography finds them so?"),
        "Timing is compared, not size: an electromyogram has no scale that a model shares.",
        "Activation over the stride of six muscle groups with bars of measured activity.",
    ),
    Picture(
        *("strength", "runner", "How strong is that?"),
        "The doses as a dynamometer would measure them, beside people.",
        "Isometric hip flexion torque against strength at three hip angles, with bands of people.",
    ),
    Picture(
        *("muscles_in_motion", "runner", "The muscles at work"),
        "What each muscle does at 100 % strength, and what it does more or less where the "
        "muscles studied are weaker or stronger.",
        "Skeletons with muscles at six phases of the stride, a row for each strength; muscles "
        "coloured by activation or by its change.",
    ),
    Picture(
        *("stick_figures", "runner", "The motion"),
        "A row for each strength.",
        "Stick figures of the runner at eight phases of the stride for each strength.",
    ),
)
"""All figures of a study; the reading order of the report."""
OPTIONAL = (
    *("lewis", "sensitivity", "measured_moments", "measured_activations", "measured_emg"),
    *("over_striding", "dose_effect_by_habit", "dose_response"),
)
"""Not of every study: some are a measured runner's, one is asked for, some need what changes."""


def with_caption(one: Picture, folder: Path) -> Picture:
    """The picture with what its own code wrote beside it in a study's folder, if anything."""
    path = folder / "figures" / f"{one.name}.txt"
    told = path.read_text("utf-8").strip() if path.is_file() else ""
    return replace(one, caption=f"{one.caption} {told}".strip())
