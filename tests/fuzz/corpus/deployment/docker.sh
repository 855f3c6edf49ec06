ID=$(docker run -d --gpus '"device=0,1"' -e A=1 -v /m:/models:ro --name x vllm/vllm-openai:v0.10.1 --model /models/a)
docker rm -f x; sudo env A=1 sh -c 'exec ollama serve' & eval "$C"; . ./.env
