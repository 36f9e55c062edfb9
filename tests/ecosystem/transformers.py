"""transformers: models at tiny random sizes."""

import torch
import transformers

from ecosystem import derivative

torch.manual_seed(0)
ids = torch.tensor([[1, 5, 3, 7]])
SIZE = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12, "vocab_size": 11}


class Loss(torch.nn.Module):
    """The mean of the cross entropy of the next word."""

    def __init__(self, model):
        super().__init__()
        self.model = model.eval()

    def forward(self, ids):
        return self.model(input_ids=ids, labels=ids).loss


class Hidden(Loss):
    """The last hidden states."""

    def forward(self, x):
        return self.model(x).last_hidden_state


def bert():
    return Loss(transformers.BertForMaskedLM(transformers.BertConfig(**SIZE, max_position_embeddings=8)))


def gpt2():
    config = transformers.GPT2Config(n_embd=8, n_layer=1, n_head=2, vocab_size=11, n_positions=8)
    return Loss(transformers.GPT2LMHeadModel(config))


def llama():
    return Loss(transformers.LlamaForCausalLM(transformers.LlamaConfig(**SIZE, max_position_embeddings=8)))


def mistral():
    config = transformers.MistralConfig(**SIZE, num_key_value_heads=1, head_dim=4, max_position_embeddings=8)
    return Loss(transformers.MistralForCausalLM(config))


def vit():
    config = transformers.ViTConfig(
        hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, image_size=8, patch_size=4
    )
    return transformers.ViTModel(config, add_pooling_layer=False).eval()


SINGLE = (
    "The logits and the norms are computed in float32, and the weights of so small a model hardly move the loss: what "
    "is known of some is no better than several per cent, and the claims agree within."
)

CASES = [
    derivative("BertForMaskedLM", bert(), ids),
    derivative("GPT2LMHeadModel", gpt2(), ids, truth=SINGLE),
    derivative("LlamaForCausalLM", llama(), ids, truth=SINGLE),
    derivative("MistralForCausalLM", mistral(), ids, truth=SINGLE),
    derivative("ViTModel", Hidden(vit()), torch.randn(1, 3, 8, 8)),
]
