"""Random layouts whose sizes divide the models of `units.py`, and random jobs."""

from hypothesis import strategies as st

from headgate.machine.layout import Job, Layout

POWERS = st.sampled_from([1, 2, 4, 8])
JOBS = st.builds(
    Job,
    sequence=st.sampled_from([1024.0, 4096.0, 32768.0]),
    global_batch=st.sampled_from([512.0, 2048.0]),
    imbalance=st.sampled_from([1.0, 1.3]),
    frozen=st.booleans(),
    fused_attention=st.booleans(),
    attention_slowdown=st.sampled_from([1.0, 2.5]),
    captured=st.booleans(),
    immaturity=st.sampled_from([0.0, 1.0, 5.0]),
    tensor_overlap=st.sampled_from([None, 0.0, 0.9]),
    data_overlap=st.sampled_from([None, 0.0, 1.0]),
    expert_overlap=st.sampled_from([None, 0.0, 0.9]),
)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Draw a layout for at most 512 sequences a step."""
    t, c = draw(POWERS), draw(st.sampled_from([1, 2, 4]))
    p, d = draw(st.sampled_from([1, 2, 3, 8, 16, 30])), draw(st.sampled_from([1, 2, 8, 64]))
    split = draw(st.sampled_from([1, t]))
    return Layout(
        tensor=t,
        pipeline=p,
        context=c,
        data=d,
        expert=draw(st.sampled_from([x for x in (1, 2, 8, 64, 256) if (d * c * t) % (x * split) == 0])),
        expert_tensor=split,
        virtual=draw(st.sampled_from([1, 2])) if p > 1 else 1,
        micro_batch=draw(st.sampled_from([1, 2, 4])),
        shard=draw(st.integers(0, 3)),
        shard_ranks=d * c,
        recompute=draw(st.integers(0, 2)),
        schedule=draw(st.integers(0, 2)) if p > 1 else 0,
    )
