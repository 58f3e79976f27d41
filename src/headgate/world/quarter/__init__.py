"""The steps of one quarter, for one draw: pure functions of JAX arrays over the axis of chips, in 64 bits."""

from headgate.extras import needed

jax = needed("jax")
jax.config.update("jax_enable_x64", True)
