"""A language model as its sizes, and what follows from them: parameters and the work of one token.

The sizes are those of the published configuration; nothing here knows a model by name.
"""

from dataclasses import dataclass

ATTENTIONS = ("gqa", "mla")


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of one decoder-only transformer.

    Args:
        id: Id of the record, or any name.
        layers: Decoder layers, without extra prediction layers.
        hidden: Width of the residual stream.
        heads, kv_heads: Query heads; key and value heads (`kv_heads == heads` is multi-head attention).
        head_dim: Width of a query and key head; for MLA the part without rotation plus the rotated part.
        value_dim: Width of a value head.
        ffn: Inner width of a dense feed-forward block; 0 when every layer is a mixture of experts.
        gated: The feed-forward block has a gate (three matrices instead of two).
        vocab: Rows of the embedding.
        tied: Embedding and output share one matrix.
        attention: `gqa` (also multi-head and multi-query) or `mla`.
        q_rank, kv_rank, rope_dim: Latent widths of MLA; 0 otherwise. `q_rank` 0 means queries are not compressed.
        window: Attention window in tokens; 0 for none.
        window_share: Share of layers that use the window, 0 to 1.
        sparse_topk: Keys that sparse attention keeps for each query; 0 for none.
        moe_layers, experts, topk, moe_ffn, shared_experts: Mixture of experts; all 0 for a dense model.
        shared_ffn: Inner width of the shared expert or experts together; 0 means `shared_experts * moe_ffn`.
        group_limit: Groups of experts that a token may reach (node-limited routing); 0 for no limit.
        mtp_layers: Extra prediction layers trained beside the main ones.
        parallel_block: Attention and feed-forward run side by side from one norm.
    """

    id: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    value_dim: int = 0
    gated: bool = True
    tied: bool = False
    attention: str = "gqa"
    q_rank: int = 0
    kv_rank: int = 0
    rope_dim: int = 0
    window: int = 0
    window_share: float = 0.0
    sparse_topk: int = 0
    moe_layers: int = 0
    experts: int = 0
    topk: int = 0
    moe_ffn: int = 0
    shared_experts: int = 0
    shared_ffn: int = 0
    group_limit: int = 0
    mtp_layers: int = 0
    parallel_block: bool = False

    @property
    def v_dim(self) -> int:
        """Width of a value head; `head_dim` unless stated."""
        return self.value_dim or self.head_dim

    @property
    def dense_layers(self) -> int:
        """Layers with a dense feed-forward block."""
        return self.layers - self.moe_layers

    @property
    def shared_width(self) -> int:
        """Inner width of the shared experts together."""
        return self.shared_ffn or self.shared_experts * self.moe_ffn

    @property
    def attention_parameters(self) -> float:
        """Parameters of one layer's attention projections."""
        h, a = self.hidden, self.heads
        out = a * self.v_dim * h
        if self.attention == "mla":
            query = h * self.q_rank + self.q_rank * a * self.head_dim if self.q_rank else h * a * self.head_dim
            latent = h * (self.kv_rank + self.rope_dim)
            return query + latent + self.kv_rank * a * (self.head_dim - self.rope_dim + self.v_dim) + out
        return h * a * self.head_dim + h * self.kv_heads * (self.head_dim + self.v_dim) + out

    @property
    def dense_ffn_parameters(self) -> float:
        """Parameters of one dense feed-forward block."""
        return (3 if self.gated else 2) * self.hidden * self.ffn

    @property
    def expert_parameters(self) -> float:
        """Parameters of one routed expert."""
        return (3 if self.gated else 2) * self.hidden * self.moe_ffn

    @property
    def shared_parameters(self) -> float:
        """Parameters of one layer's shared experts."""
        return (3 if self.gated else 2) * self.hidden * self.shared_width

    @property
    def embedding_parameters(self) -> float:
        """Parameters of the embedding and the output together."""
        return self.vocab * self.hidden * (1 if self.tied else 2)

    @property
    def parameters(self) -> float:
        """All parameters, without norms and biases and without extra prediction layers.

        Example:
            >>> llama = Architecture("x", 32, 4096, 32, 8, 128, 14336, 128256)
            >>> round(llama.parameters / 1e9, 2)
            8.03
        """
        dense = self.layers * self.attention_parameters + self.dense_layers * self.dense_ffn_parameters
        return dense + self.embedding_parameters + self.routed_parameters + self.moe_fixed_parameters

    @property
    def routed_parameters(self) -> float:
        """Parameters of all routed experts."""
        return self.moe_layers * self.experts * self.expert_parameters

    @property
    def moe_fixed_parameters(self) -> float:
        """Parameters of shared experts and routers, which every token passes."""
        return self.moe_layers * (self.shared_parameters + self.hidden * self.experts)

    @property
    def active_parameters(self) -> float:
        """Parameters that one token passes, with embedding and output."""
        return self.parameters - self.moe_layers * (self.experts - self.topk) * self.expert_parameters

    def attended_tokens(self, tokens: float) -> float:
        """Mean keys that a causal query of a sequence of `tokens` attends to, over all layers.

        Example:
            >>> Architecture("x", 32, 4096, 32, 8, 128, 14336, 128256).attended_tokens(4096)
            2048.0
        """
        full = tokens / 2
        if self.sparse_topk and tokens > self.sparse_topk:
            full = self.sparse_topk * (1 - self.sparse_topk / (2 * tokens))
        if not self.window or tokens <= self.window:
            return full
        near = self.window * (1 - self.window / (2 * tokens))
        return (1 - self.window_share) * full + self.window_share * near

    def train_flop_per_token(self, tokens: float) -> float:
        """Floating-point operations to train on one token of a sequence of `tokens`, causal, nothing recomputed.

        Three times the forward pass: 2 per active parameter that multiplies (the embedding looks up), and the scores
        and values of attention over the keys that causality and the window leave.

        Example:
            >>> llama = Architecture("x", 32, 4096, 32, 8, 128, 14336, 128256)
            >>> round(llama.train_flop_per_token(8192) / 1e9, 1)
            51.5
        """
        multiplying = self.active_parameters - (0 if self.tied else self.vocab * self.hidden)
        scores = 2 * self.layers * self.heads * (self.head_dim + self.v_dim) * self.attended_tokens(tokens)
        return 3 * (2 * multiplying + scores)
